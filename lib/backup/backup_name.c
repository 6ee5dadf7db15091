#include "backup/backup_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const char prefix[] = "data_usage_backup_";

/* ctype.h asks the locale; names are ASCII. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_label_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-';
}

static bool label_ok(const char *text, size_t len)
{
	bool other = false;

	if (len < 1 || len >= BACKUP_LABEL_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_label_char(text[i]))
			return false;
		other = other || !is_digit(text[i]);
	}
	return other;
}

bool backup_label_ok(const char *label)
{
	return label_ok(label, strlen(label));
}

void backup_name_format(char out[static BACKUP_NAME_MAX],
                        const struct backup_name *name)
{
	char at[CLOCK_TEXT_MAX], number[16] = "";

	clock_format_utc(at, name->at);
	if (name->number > 1)
		snprintf(number, sizeof(number), "_%d", name->number);
	/* 2026-11-02T14:00:00Z */
	snprintf(out, BACKUP_NAME_MAX,
	         "%s%.4s%.2s%.2s_%.2s%.2s%.2s%s%s%s.db%s%s", prefix, at, at + 5,
	         at + 8, at + 11, at + 14, at + 17,
	         name->label[0] != '\0' ? "_" : "", name->label, number,
	         name->packed ? ".gz" : "", name->encrypted ? ".enc" : "");
}

static bool parse_time(int64_t *out, const char *text)
{
	static const char shape[] = "dddddddd_dddddd";
	struct tm tm = {0};
	int parsed;

	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i])
			return false;
	parsed = sscanf(text, "%4d%2d%2d_%2d%2d%2d", &tm.tm_year, &tm.tm_mon,
	                &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (parsed != 6)
		return false;
	*out = (int64_t)timegm(&tm);
	return true;
}

/* "_LABEL", "_N", both or neither, up to len. */
static bool parse_middle(struct backup_name *name, const char *text, size_t len)
{
	const char *end = text + len, *part = text;
	char *digits_end;

	name->number = 1;
	while (part < end) {
		size_t n;

		if (*part != '_')
			return false;
		part++;
		n = strcspn(part, "_.");
		if (label_ok(part, n) && name->label[0] == '\0' &&
		    name->number == 1) {
			memcpy(name->label, part, n);
		} else if (n >= 1 && n <= 6 && part + n == end) {
			name->number = (int)strtol(part, &digits_end, 10);
			if (digits_end != end || name->number < 2)
				return false;
		} else {
			return false;
		}
		part += n;
	}
	return true;
}

bool backup_name_parse(struct backup_name *out, const char *text)
{
	struct backup_name name = {.packed = false};
	size_t len = strlen(text);
	const char *rest, *dot;
	char again[BACKUP_NAME_MAX];

	if (len >= BACKUP_NAME_MAX ||
	    strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return false;
	rest = text + sizeof(prefix) - 1;
	dot = strchr(rest, '.');
	if (dot == NULL || dot - rest < 15 || !parse_time(&name.at, rest))
		return false;
	rest += 15;
	if (!parse_middle(&name, rest, (size_t)(dot - rest)))
		return false;
	name.packed = strncmp(dot, ".db.gz", 6) == 0;
	name.encrypted = len > 4 && strcmp(text + len - 4, ".enc") == 0;
	/* Whatever is not exactly as we write it is not ours. */
	backup_name_format(again, &name);
	if (strcmp(again, text) != 0)
		return false;
	*out = name;
	return true;
}
