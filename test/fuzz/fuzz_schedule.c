/*
 * The entry of cron, as the file of /etc/cron.d that anybody may have changed;
 * and, as three lines, what one is to be written of: user, program, settings.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_app.h"
#include "ops/schedule.h"

static void check_entry(const char *text)
{
	enum schedule_period period = SCHEDULE__MAX, again;
	struct dum_error err = {0};
	bool as_written = false;

	if (schedule_read(&period, &as_written, text, &err) != DUM_OK) {
		fuzz_check_error(&err);
		return;
	}
	FUZZ_CHECK(period < SCHEDULE__MAX);
	FUZZ_CHECK(schedule_parse(&again, schedule_name(period)));
	FUZZ_CHECK(again == period);
}

/* What cron and the shell get is one command, whatever the words are. */
static void check_line(const char *text)
{
	static const char marks[] = "'\"\\$`;&<>(){}*?~%";
	const char *line = strstr(text, "bin\n");

	FUZZ_CHECK(line != NULL);
	line += strlen("bin\n");
	line += strspn(line, "0123456789* "); /* the time */
	FUZZ_CHECK(line[strcspn(line, marks)] == '\0');
	FUZZ_CHECK(strchr(line, '\n') == line + strlen(line) - 1);
}

static void check_job(const struct fuzz_lines *lines)
{
	struct schedule_job job = {.user = lines->line[1],
	                           .program = lines->line[2],
	                           .config = lines->line[3]};

	if (*job.config == '\0')
		job.config = NULL;
	for (int i = 0; i < SCHEDULE__MAX; i++) {
		struct strbuf text = STRBUF_INIT;
		struct dum_error err = {0};
		enum schedule_period period;
		bool as_written = false;

		if (schedule_write(&text, (enum schedule_period)i, &job,
		                   &err) == DUM_OK) {
			FUZZ_CHECK(schedule_read(&period, &as_written, text.buf,
			                         &err) == DUM_OK);
			FUZZ_CHECK(as_written && (int)period == i);
			if (period != SCHEDULE_OFF)
				check_line(text.buf);
		} else {
			fuzz_check_error(&err);
		}
		strbuf_release(&text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_lines lines;
	char *text;

	if (size > 0 && data[0] == 'J') {
		fuzz_lines_split(&lines, data, size);
		check_job(&lines);
		fuzz_lines_release(&lines);
		return 0;
	}
	text = malloc(size + 1);
	FUZZ_CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_entry(text);
	free(text);
	return 0;
}
