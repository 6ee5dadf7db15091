#include "member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"

enum { DAY_S = 86400 };

static enum dum_status read_text(struct member_value *out,
                                 const struct member *member,
                                 const json_t *value, struct dum_error *err)
{
	const char *name = member->name;
	size_t len, chars;

	if (!json_is_string(value))
		return error_field(err, DUM_EINVAL, name, "%s must be a text",
		                   name);
	len = json_string_length(value);
	chars = utf8_count(json_string_value(value), len);
	if (chars < (size_t)member->min || chars > (size_t)member->max)
		return error_field(err, DUM_EINVAL, name,
		                   "%s must have %lld to %lld characters", name,
		                   (long long)member->min,
		                   (long long)member->max);
	if (member->type == MEMBER_TEXT &&
	    !utf8_printable(json_string_value(value), len))
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be one line of printable text",
		                   name);
	out->text = json_string_value(value);
	return DUM_OK;
}

static enum dum_status read_int(struct member_value *out,
                                const struct member *member,
                                const json_t *value, struct dum_error *err)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < member->min || n > member->max)
		return error_field(err, DUM_EINVAL, member->name,
		                   "%s must be a whole number from %lld to "
		                   "%lld",
		                   member->name, (long long)member->min,
		                   (long long)member->max);
	out->number = n;
	return DUM_OK;
}

static bool is_id(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 1;
}

static enum dum_status read_id(struct member_value *out,
                               const struct member *member, const json_t *value,
                               struct dum_error *err)
{
	if (!is_id(value))
		return error_field(err, DUM_EINVAL, member->name,
		                   "%s must be a positive whole number",
		                   member->name);
	out->number = json_integer_value(value);
	return DUM_OK;
}

static bool is_in(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static enum dum_status read_ids(struct member_value *out,
                                const struct member *member,
                                const json_t *value, int64_t **ids,
                                struct dum_error *err)
{
	size_t count = json_array_size(value);
	const char *name = member->name;

	if (!json_is_array(value) || count < (size_t)member->min ||
	    count > (size_t)member->max)
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be an array of %lld to %lld ids",
		                   name, (long long)member->min,
		                   (long long)member->max);
	free(*ids);
	*ids = calloc(count + 1, sizeof(**ids));
	if (*ids == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(value, i);
		int64_t id = json_integer_value(item);

		if (!is_id(item) || is_in(*ids, i, id))
			return error_field(err, DUM_EINVAL, name,
			                   "%s must hold positive whole "
			                   "numbers, each once",
			                   name);
		(*ids)[i] = id;
	}
	out->ids = *ids;
	out->id_count = count;
	return DUM_OK;
}

/* Place of a word among those to choose from; -1: it is none of them. */
static int find_choice(const struct member *member, const json_t *value)
{
	if (!json_is_string(value))
		return -1;
	for (int i = 0; member->choices[i] != NULL; i++)
		if (strcmp(member->choices[i], json_string_value(value)) == 0)
			return i;
	return -1;
}

static enum dum_status refuse_choice(const struct member *member,
                                     const char *what, struct dum_error *err)
{
	char list[128] = "";
	size_t used = 0;

	for (int i = 0; member->choices[i] != NULL && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
		                         "%s%s", i > 0 ? ", " : "",
		                         member->choices[i]);
	return error_field(err, DUM_EINVAL, member->name, "%s must be %s: %s",
	                   member->name, what, list);
}

static enum dum_status read_choice(struct member_value *out,
                                   const struct member *member,
                                   const json_t *value, struct dum_error *err)
{
	int place = find_choice(member, value);

	if (place < 0)
		return refuse_choice(member, "one of", err);
	out->number = place;
	return DUM_OK;
}

static enum dum_status read_choices(struct member_value *out,
                                    const struct member *member,
                                    const json_t *value, struct dum_error *err)
{
	static const char what[] = "an array of some of, each once";
	int64_t set = 0;

	if (!json_is_array(value) || json_array_size(value) == 0)
		return refuse_choice(member, what, err);
	for (size_t i = 0; i < json_array_size(value); i++) {
		int place = find_choice(member, json_array_get(value, i));

		if (place < 0 || (set & INT64_C(1) << place) != 0)
			return refuse_choice(member, what, err);
		set |= INT64_C(1) << place;
	}
	out->number = set;
	return DUM_OK;
}

static enum dum_status read_date(struct member_value *out, const char *name,
                                 const json_t *value, struct dum_error *err)
{
	if (!json_is_string(value) ||
	    !date_parse(&out->date, json_string_value(value),
	                json_string_length(value)))
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be a day, written YYYY-MM-DD",
		                   name);
	return DUM_OK;
}

/* Two digits of at most max, as in "07"; -1: something else. */
static int read_pair(const char *text, int max)
{
	int n;

	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -1;
	n = (text[0] - '0') * 10 + (text[1] - '0');
	return n <= max ? n : -1;
}

static bool parse_time(int64_t *out, const char *text, size_t len)
{
	static const char shape[] = "YYYY-MM-DDTHH:MM:SSZ";
	int hour, minute, second;
	struct date date;

	if (len != sizeof(shape) - 1 || !date_parse(&date, text, 10) ||
	    text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
	    text[19] != 'Z')
		return false;
	hour = read_pair(text + 11, 23);
	minute = read_pair(text + 14, 59);
	second = read_pair(text + 17, 59);
	if (hour < 0 || minute < 0 || second < 0)
		return false;
	second += (hour * 60 + minute) * 60;
	*out = (int64_t)date_to_days(date) * DAY_S + second;
	return true;
}

static enum dum_status read_time(struct member_value *out, const char *name,
                                 const json_t *value, struct dum_error *err)
{
	if (!json_is_string(value) ||
	    !parse_time(&out->number, json_string_value(value),
	                json_string_length(value)))
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be a time of UTC, written "
		                   "YYYY-MM-DDTHH:MM:SSZ",
		                   name);
	return DUM_OK;
}

enum { GB_TEXT_MAX = 32 };

/* A double keeps 15 significant digits of any decimal number. */
static size_t write_digits(char out[static GB_TEXT_MAX], double gb)
{
	return (size_t)snprintf(out, GB_TEXT_MAX, "%.15g", gb);
}

/*
 * Those digits are taken, and not the double's product, which may be some bytes
 * off: what was written with 9 decimals is exact below a million GB, with 6
 * below a billion. Digits behind them are what sums of doubles leave there.
 */
static bool whole_bytes(int64_t *out, double gb)
{
	char text[GB_TEXT_MAX], again[GB_TEXT_MAX], exact[BYTES_GB_MAX];
	size_t len = write_digits(text, gb);
	int64_t bytes = 0;

	if (bytes_parse(&bytes, text, len, UNIT_GB) != BYTES_OK)
		return false;
	bytes_format_gb(exact, bytes);
	write_digits(again, strtod(exact, NULL));
	*out = bytes;
	return strcmp(text, again) == 0;
}

static enum dum_status read_gb(struct member_value *out,
                               const struct member *member, const json_t *value,
                               struct dum_error *err)
{
	double gb = json_number_value(value);

	if (!json_is_number(value) || !(gb >= 0) || gb > (double)member->max)
		return error_field(err, DUM_EINVAL, member->name,
		                   "%s must be a number from 0 to %lld",
		                   member->name, (long long)member->max);
	out->number = json_integer_value(value) * BYTES_PER_GB;
	if (json_is_integer(value) || !(gb > 0)) /* -0.0 is none */
		return DUM_OK;
	if (!whole_bytes(&out->number, gb))
		return error_field(err, DUM_EINVAL, member->name,
		                   "%s must be a whole number of bytes: it has "
		                   "at most 9 decimals",
		                   member->name);
	return DUM_OK;
}

enum dum_status member_read(struct member_value *out,
                            const struct member *member, const json_t *value,
                            int64_t **ids, struct dum_error *err)
{
	const char *name = member->name;

	*out = (struct member_value){.given = true};
	if (member->nullable && json_is_null(value)) {
		out->is_null = true;
		return DUM_OK;
	}
	switch (member->type) {
	case MEMBER_TEXT:
	case MEMBER_SECRET:
		return read_text(out, member, value, err);
	case MEMBER_BOOL:
		if (!json_is_boolean(value))
			return error_field(err, DUM_EINVAL, name,
			                   "%s must be true or false", name);
		out->number = json_is_true(value);
		return DUM_OK;
	case MEMBER_INT:
		return read_int(out, member, value, err);
	case MEMBER_ID:
		return read_id(out, member, value, err);
	case MEMBER_IDS:
		return read_ids(out, member, value, ids, err);
	case MEMBER_CHOICE:
		return read_choice(out, member, value, err);
	case MEMBER_CHOICES:
		return read_choices(out, member, value, err);
	case MEMBER_DATE:
		return read_date(out, name, value, err);
	case MEMBER_TIME:
		return read_time(out, name, value, err);
	case MEMBER_GB:
		break;
	}
	return read_gb(out, member, value, err);
}
