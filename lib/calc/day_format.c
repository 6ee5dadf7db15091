#include "calc/day_format.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *shape;
} formats[DAY_FORMAT__MAX] = {
    [DAY_ISO] = {"iso", "YYYY-MM-DD"},
    [DAY_DMY] = {"dmy", "DD/MM/YYYY"},
    [DAY_MDY] = {"mdy", "MM/DD/YYYY"},
    [DAY_DD_MMM] = {"dd-mmm", "DD-MMM"},
};

int day_format_find(const char *name)
{
	for (int i = 0; i < DAY_FORMAT__MAX; i++)
		if (strcmp(name, formats[i].name) == 0)
			return i;
	return -1;
}

const char *day_format_name(enum day_format format)
{
	return formats[format].name;
}

const char *day_format_shape(enum day_format format)
{
	return formats[format].shape;
}

/* At most two digits; moves on behind them. */
static bool short_number(unsigned char *out, const char **at, const char *end)
{
	int value = 0, n = 0;

	while (*at < end && **at >= '0' && **at <= '9' && n++ < 2)
		value = value * 10 + (*(*at)++ - '0');
	*out = (unsigned char)value;
	return n > 0;
}

static bool read_slash(struct day_text *out, const char *at, const char *end)
{
	int year = 0;
	char sign;

	if (!short_number(&out->first, &at, end) || at == end ||
	    strchr("/.-", *at) == NULL)
		return false;
	sign = *at++;
	if (!short_number(&out->second, &at, end) || end - at != 5 ||
	    *at++ != sign)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		year = year * 10 + (*at - '0');
	}
	out->shape = DAY_SHAPE_SLASH;
	out->year = (short)year;
	return true;
}

/* 1..12 for "mar", "March" and so on; 0: no month. */
static int month_find(const char *text, size_t len)
{
	static const char *const months[] = {
	    "january",   "february", "march",    "april",
	    "may",       "june",     "july",     "august",
	    "september", "october",  "november", "december",
	};

	if (len == 4 && strncasecmp(text, "sept", 4) == 0)
		return 9;
	for (int i = 0; i < 12; i++)
		if ((len == 3 || len == strlen(months[i])) &&
		    strncasecmp(text, months[i], len) == 0)
			return i + 1;
	return 0;
}

static bool read_month(struct day_text *out, const char *at, const char *end)
{
	int month;

	if (!short_number(&out->first, &at, end) || at == end ||
	    (*at != '-' && *at != ' '))
		return false;
	at++;
	month = month_find(at, (size_t)(end - at));
	out->second = (unsigned char)month;
	out->shape = DAY_SHAPE_MONTH;
	return month != 0;
}

struct day_text day_text_read(const char *text, size_t len)
{
	const char *end = text + len;
	struct day_text out = {0};
	struct date date;

	if (date_parse(&date, text, len))
		return (struct day_text){DAY_SHAPE_ISO, (unsigned char)date.day,
		                         (unsigned char)date.month,
		                         (short)date.year};
	if (read_slash(&out, text, end) || read_month(&out, text, end))
		return out;
	return (struct day_text){0};
}

bool day_text_date(struct date *out, struct day_text text,
                   enum day_format format, int year)
{
	static const unsigned char shapes[] = {
	    [DAY_ISO] = DAY_SHAPE_ISO,
	    [DAY_DMY] = DAY_SHAPE_SLASH,
	    [DAY_MDY] = DAY_SHAPE_SLASH,
	    [DAY_DD_MMM] = DAY_SHAPE_MONTH,
	};
	struct date date = {text.year, text.second, text.first};
	struct date check;

	if (text.shape != shapes[format])
		return false;
	if (format == DAY_MDY) {
		date.month = text.first;
		date.day = text.second;
	}
	if (format == DAY_DD_MMM)
		date.year = year;
	check = date;
	if (check.year == 0 && format == DAY_DD_MMM)
		check.year = 2000; /* a leap year: 29-Feb can exist */
	if (!date_valid(check))
		return false;
	*out = date;
	return true;
}

static void note(struct day_proof *proof, const char *text, size_t len,
                 int line)
{
	if (proof->line != 0)
		return;
	proof->line = line;
	csv_quote(proof->text, text, len);
}

void day_guess_add(struct day_guess *guess, struct day_text date,
                   const char *text, size_t len, int line)
{
	bool fits[DAY_FORMAT__MAX];
	struct date as[DAY_FORMAT__MAX];

	note(&guess->first, text, len, line);
	for (int i = 0; i < DAY_FORMAT__MAX; i++) {
		fits[i] = day_text_date(&as[i], date, (enum day_format)i, 0);
		if (!fits[i])
			note(&guess->against[i], text, len, line);
	}
	if (fits[DAY_DMY] && fits[DAY_MDY] &&
	    date_cmp(as[DAY_DMY], as[DAY_MDY]) != 0)
		note(&guess->differs, text, len, line);
}

/* Of the formats that fit the file longest, the one named first. */
static enum day_format longest(const struct day_guess *guess)
{
	int best = 0;

	for (int i = 1; i < DAY_FORMAT__MAX; i++)
		if (guess->against[i].line > guess->against[best].line)
			best = i;
	return (enum day_format)best;
}

/* No format fits all. Say up to where which one did. */
static enum dum_status none_fits(const struct day_guess *guess,
                                 struct dum_error *err)
{
	enum day_format best = longest(guess);
	const struct day_proof *dmy = &guess->against[DAY_DMY];
	const struct day_proof *mdy = &guess->against[DAY_MDY];
	const struct day_proof *stop = &guess->against[best];
	enum dum_status status;

	if (stop->line == guess->first.line)
		status = error_set(err, DUM_EINVAL,
		                   "'%s' is no date: YYYY-MM-DD, DD/MM/YYYY, "
		                   "MM/DD/YYYY or DD-MMM (13-Mar) can be read",
		                   stop->text);
	else if (dmy->line > guess->first.line &&
	         mdy->line > guess->first.line && dmy->line != mdy->line)
		status = error_set(err, DUM_EINVAL,
		                   "'%s' (line %d) is no DD/MM/YYYY date and "
		                   "'%s' (line %d) no MM/DD/YYYY date: one "
		                   "format must fit the whole file",
		                   dmy->text, dmy->line, mdy->text, mdy->line);
	else
		status = error_set(err, DUM_EINVAL,
		                   "'%s' is no %s date, though '%s' (line %d) "
		                   "and all up to here are: one format must "
		                   "fit the whole file",
		                   stop->text, day_format_shape(best),
		                   guess->first.text, guess->first.line);
	error_at(err, stop->line);
	return status;
}

static enum dum_status check_wanted(enum day_format *out,
                                    const struct day_guess *guess,
                                    enum day_format wanted,
                                    struct dum_error *err)
{
	const struct day_proof *against = &guess->against[wanted];
	enum dum_status status;

	if (against->line == 0) {
		*out = wanted;
		return DUM_OK;
	}
	status = error_field(err, DUM_EINVAL, "date_format",
	                     "'%s' is no %s date, as all are said to be",
	                     against->text, day_format_shape(wanted));
	error_at(err, against->line);
	return status;
}

enum dum_status day_guess_decide(enum day_format *out,
                                 const struct day_guess *guess, int wanted,
                                 struct dum_error *err)
{
	enum dum_status status;

	if (wanted >= 0)
		return check_wanted(out, guess, (enum day_format)wanted, err);
	/* Of dmy and mdy both may fit; of all others one at most. */
	if (guess->against[DAY_DMY].line == 0 &&
	    guess->against[DAY_MDY].line == 0 && guess->differs.line != 0) {
		status = error_field(err, DUM_EINVAL, "date_format",
		                     "'%s' may be DD/MM/YYYY or MM/DD/YYYY, "
		                     "and no date of the file tells",
		                     guess->differs.text);
		error_at(err, guess->differs.line);
		return status;
	}
	for (int i = 0; i < DAY_FORMAT__MAX; i++) {
		if (guess->against[i].line == 0) {
			*out = (enum day_format)i;
			return DUM_OK;
		}
	}
	return none_fits(guess, err);
}
