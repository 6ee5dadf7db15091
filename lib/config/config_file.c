/*
 * The file of KEY=VALUE lines. What systemd's EnvironmentFile takes is taken
 * here with the same meaning, but for what would be surprising in a settings
 * file (continued lines, escapes outside quotes), which is refused.
 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"

enum {
	FILE_LIMIT = 64 * 1024,
	VALUE_LIMIT = 4096,
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank(**text)) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*text)[*len - 1]))
		(*len)--;
}

/* The text between a pair of quotes, or all of it where there is none. */
static enum dum_status unquote(const char **text, size_t *len,
                               struct dum_error *err)
{
	char quote = *len > 0 ? **text : '\0';

	if (quote != '"' && quote != '\'') {
		if (*len > 0 && (*text)[*len - 1] == '\\')
			return error_set(err, DUM_EINVAL,
			                 "a value can not go on in the next "
			                 "line");
		if (memchr(*text, '\\', *len) != NULL)
			return error_set(err, DUM_EINVAL,
			                 "a backslash can stand between single "
			                 "quotes only");
		return DUM_OK;
	}
	if (*len < 2 || (*text)[*len - 1] != quote ||
	    memchr(*text + 1, quote, *len - 2) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "the quotes around the value do not match");
	if (quote == '"' && memchr(*text, '\\', *len) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "no backslash can stand between double "
		                 "quotes; use single ones");
	(*text)++;
	*len -= 2;
	return DUM_OK;
}

static enum dum_status read_line(struct config *config, const char *line,
                                 size_t len, const char *dir,
                                 struct dum_error *err)
{
	char name[64], value[VALUE_LIMIT];
	const char *equals, *text;
	enum dum_status status;
	size_t name_len, text_len;

	trim(&line, &len);
	if (len == 0 || *line == '#' || *line == ';')
		return DUM_OK;
	equals = memchr(line, '=', len);
	if (equals == NULL)
		return error_set(err, DUM_EINVAL,
		                 "'%.*s' is not of the form KEY=VALUE",
		                 (int)(len < 60 ? len : 60), line);
	name_len = (size_t)(equals - line);
	text = equals + 1;
	text_len = len - name_len - 1;
	trim(&text, &text_len);
	trim(&line, &name_len);
	if (name_len == 0 || name_len >= sizeof(name))
		return error_set(err, DUM_EINVAL, "unknown key %.*s",
		                 (int)(name_len < 60 ? name_len : 60), line);
	status = unquote(&text, &text_len, err);
	if (status != DUM_OK)
		return status;
	if (text_len >= sizeof(value))
		return error_set(err, DUM_EINVAL,
		                 "the value is longer than %d bytes",
		                 VALUE_LIMIT - 1);
	memcpy(name, line, name_len);
	name[name_len] = '\0';
	memcpy(value, text, text_len);
	value[text_len] = '\0';
	return config_set(config, name, value, dir, err);
}

enum dum_status config_read_text(struct config *config, const char *text,
                                 size_t len, const char *dir,
                                 struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	int line = 0;

	if (memchr(text, '\0', len) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "this is not a text file: it holds NUL bytes");
	while (len > 0 && status == DUM_OK) {
		const char *end = memchr(text, '\n', len);
		size_t n = end != NULL ? (size_t)(end - text) : len;

		line++;
		status = read_line(config, text, n, dir, err);
		if (status != DUM_OK)
			error_at(err, line);
		n += end != NULL;
		text += n;
		len -= n;
	}
	return status;
}

enum dum_status config_read_file(struct config *config, const char *path,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;
	char *dir = fs_parent(path);

	if (dir == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = fs_read_file(&text, path, FILE_LIMIT, err);
	if (status == DUM_OK)
		status = config_read_text(config, text.buf, text.len, dir, err);
	strbuf_release(&text);
	free(dir);
	return status;
}
