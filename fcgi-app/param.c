#include "param.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "crypto/hash.h"

/* One text of the query, decoded. */
struct word {
	char text[PARAM_VALUE_MAX + 1];
	size_t len;
};

/* One character of a query: %41 and + stand for others. -1: no such one. */
static int decode_one(const char *text, size_t len, size_t *used)
{
	int high, low;

	*used = 1;
	if (text[0] == '+')
		return ' ';
	if (text[0] != '%')
		return (unsigned char)text[0];
	if (len < 3)
		return -1;
	high = hex_digit(text[1]);
	low = hex_digit(text[2]);
	*used = 3;
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* field is the name of the parameter, "" for a name itself. */
static enum dum_status decode(struct word *out, const char *field,
                              const char *text, size_t len,
                              struct dum_error *err)
{
	out->len = 0;
	while (len > 0) {
		size_t used;
		int c = decode_one(text, len, &used);

		if (c < 0)
			return error_field(err, DUM_EINVAL, field,
			                   "the query has a '%%' without two "
			                   "hexadecimal digits");
		if (out->len == PARAM_VALUE_MAX)
			return error_field(err, DUM_EINVAL, field,
			                   "a parameter is longer than %d "
			                   "bytes",
			                   PARAM_VALUE_MAX);
		out->text[out->len++] = (char)c;
		text += used;
		len -= used;
	}
	out->text[out->len] = '\0';
	if (!utf8_printable(out->text, out->len))
		return error_field(err, DUM_EINVAL, field,
		                   "a parameter is not printable UTF-8 text");
	return DUM_OK;
}

/* Each number has one spelling: no sign but '-', no zero in front, no -0. */
static bool is_plain_int(const char *digits, bool negative)
{
	size_t len = strlen(digits);

	return len > 0 && len <= 18 && strspn(digits, "0123456789") == len &&
	       (digits[0] != '0' || (len == 1 && !negative));
}

static enum dum_status read_int(struct param_value *out,
                                const struct param *param,
                                const struct word *word, struct dum_error *err)
{
	bool negative = word->text[0] == '-';
	const char *p = word->text + negative;
	int64_t n = 0;

	if (!is_plain_int(p, negative))
		return error_field(err, DUM_EINVAL, param->name,
		                   "%s must be a whole number", param->name);
	for (; *p != '\0'; p++)
		n = n * 10 + (*p - '0');
	n = negative ? -n : n;
	if (n < param->min || n > param->max)
		return error_field(err, DUM_EINVAL, param->name,
		                   "%s must be from %lld to %lld", param->name,
		                   (long long)param->min,
		                   (long long)param->max);
	out->number = n;
	return DUM_OK;
}

static enum dum_status read_text(struct param_value *out,
                                 const struct param *param,
                                 const struct word *word, struct dum_error *err)
{
	size_t chars = utf8_count(word->text, word->len);

	if (chars < 1 || chars > (size_t)param->max)
		return error_field(err, DUM_EINVAL, param->name,
		                   "%s must have 1 to %lld characters",
		                   param->name, (long long)param->max);
	memcpy(out->text, word->text, word->len + 1);
	return DUM_OK;
}

static enum dum_status read_choice(struct param_value *out,
                                   const struct param *param,
                                   const struct word *word,
                                   struct dum_error *err)
{
	char list[128] = "";
	size_t used = 0;

	for (int i = 0; param->choices[i] != NULL; i++) {
		if (strcmp(param->choices[i], word->text) == 0) {
			out->number = i;
			return DUM_OK;
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(
			    list + used, sizeof(list) - used, "%s%s",
			    i > 0 ? ", " : "", param->choices[i]);
	}
	return error_field(err, DUM_EINVAL, param->name,
	                   "%s must be one of: %s", param->name, list);
}

static enum dum_status read_value(struct param_value *out,
                                  const struct param *param,
                                  const struct word *word,
                                  struct dum_error *err)
{
	static const char *const yes_no[] = {"false", "true", NULL};
	struct param boolean = *param;

	switch (param->type) {
	case PARAM_INT:
		return read_int(out, param, word, err);
	case PARAM_CHOICE:
		return read_choice(out, param, word, err);
	case PARAM_BOOL:
		boolean.choices = yes_no;
		return read_choice(out, &boolean, word, err);
	case PARAM_TEXT:
		return read_text(out, param, word, err);
	case PARAM_DATE:
		break;
	}
	if (!date_parse(&out->date, word->text, word->len))
		return error_field(err, DUM_EINVAL, param->name,
		                   "%s must be a day, written YYYY-MM-DD",
		                   param->name);
	return DUM_OK;
}

/* One "name=value" of the query. */
static enum dum_status read_pair(struct param_value *values,
                                 const struct param *table, const char *pair,
                                 size_t len, struct dum_error *err)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - pair) : len;
	size_t value_at = equals != NULL ? name_len + 1 : len;
	enum dum_status status;
	struct word name, value;

	status = decode(&name, "", pair, name_len, err);
	if (status != DUM_OK)
		return status;
	for (size_t i = 0; table[i].name != NULL; i++) {
		if (strcmp(table[i].name, name.text) != 0)
			continue;
		if (values[i].given)
			return error_field(err, DUM_EINVAL, table[i].name,
			                   "%s is given twice", table[i].name);
		values[i].given = true;
		status = decode(&value, table[i].name, pair + value_at,
		                len - value_at, err);
		if (status != DUM_OK)
			return status;
		return read_value(&values[i], &table[i], &value, err);
	}
	return error_field(err, DUM_EINVAL, name.text,
	                   "there is no parameter '%.60s' here", name.text);
}

enum dum_status param_read(struct param_value *values,
                           const struct param *table, const char *query,
                           struct dum_error *err)
{
	static const struct param no_rows[] = {{.name = NULL}};
	const char *p = query;

	if (table == NULL)
		table = no_rows;
	for (size_t i = 0; table[i].name != NULL; i++)
		values[i] = (struct param_value){.number = table[i].initial};
	while (*p != '\0') {
		size_t len = strcspn(p, "&");
		enum dum_status status;

		if (len > 0) {
			status = read_pair(values, table, p, len, err);
			if (status != DUM_OK)
				return status;
		}
		p += len + (p[len] == '&');
	}
	return DUM_OK;
}

enum dum_status param_date_range(struct date *from, struct date *until,
                                 const struct param_value *start,
                                 const struct param_value *end,
                                 struct dum_error *err)
{
	static const struct date last_of_all = {DATE_YEAR_MAX, 12, 31};
	struct date after = {.year = 0};

	if (start->given && end->given && date_cmp(end->date, start->date) < 0)
		return error_field(err, DUM_EINVAL, "end_date",
		                   "end_date is before start_date");
	if (end->given && date_cmp(end->date, last_of_all) < 0)
		after = date_add(end->date, 1);
	*from = start->date;
	*until = after;
	return DUM_OK;
}
