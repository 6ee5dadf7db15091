/* dum-admin key: keys of programs. */
#include <stdlib.h>
#include <string.h>

#include "access/api_key.h"
#include "admin_command.h"
#include "admin_key.h"
#include "admin_limit.h"
#include "calc/date.h"

static enum dum_status read_scopes(unsigned *out, const struct admin *admin,
                                   struct dum_error *err)
{
	const char *name;
	unsigned scopes = 0;

	for (int i = 0; (name = admin_options_value(&admin->options,
	                                            OPTION_SCOPE, i)) != NULL;
	     i++) {
		enum scope scope = scope_find(name);

		if (scope == SCOPE_NEVER)
			return error_set(err, DUM_EINVAL,
			                 "'%.40s' is no scope: read, write, "
			                 "import, backup, metrics or admin",
			                 name);
		scopes |= scope;
	}
	*out = scopes;
	return DUM_OK;
}

static enum dum_status read_expiry(int64_t *out, const struct admin *admin,
                                   struct dum_error *err)
{
	const char *text = admin_value(admin, OPTION_EXPIRES);
	struct date day;

	if (text == NULL)
		return DUM_OK;
	if (!date_parse(&day, text, strlen(text)) || day.year >= DATE_YEAR_MAX)
		return error_set(err, DUM_EINVAL,
		                 "--expires '%.40s' is no day: YYYY-MM-DD",
		                 text);
	day = date_add(day, 1); /* the key works on the whole of its last day */
	*out = clock_midnight(day.year, day.month, day.day);
	if (*out <= clock_now())
		return error_set(err, DUM_EINVAL, "--expires %s is over", text);
	return DUM_OK;
}

/*
 * The key alone on stdout, so that a script can take it; what it is to stderr.
 * With --json all of it is one object.
 */
static enum dum_status print_new(const struct admin *admin,
                                 const struct api_key *key, const char *text,
                                 struct dum_error *err)
{
	struct strbuf scopes = STRBUF_INIT;

	if (admin->json)
		return admin_key_print_json(admin, key, text, err);
	scope_list(&scopes, key->scopes);
	printf("%s\n", text);
	fprintf(stderr,
	        ADMIN_PROGRAM ": key %lld for %s (%s); it is not shown again\n",
	        (long long)key->id, key->name, scopes.buf);
	strbuf_release(&scopes);
	return DUM_OK;
}

enum dum_status admin_key_add(struct admin *admin, int *exit_out,
                              struct dum_error *err)
{
	struct api_key_new new = {.name = admin->argv[0]};
	struct admin_limit limit = {.ids = NULL};
	char text[API_KEY_TEXT_MAX];
	enum dum_status status;
	struct api_key key;

	(void)exit_out;
	status = read_scopes(&new.scopes, admin, err);
	if (status == DUM_OK)
		status = read_expiry(&new.expires_at, admin, err);
	if (status == DUM_OK)
		status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = admin_limit_read(&limit, admin, err);
	new.limit = limit.limit;
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = api_key_add(&key, text, admin->db, &new, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		status = print_new(admin, &key, text, err);
	explicit_bzero(text, sizeof(text));
	free(limit.ids);
	return status;
}

/* By its prefix, or where that is none, by its number. */
static enum dum_status find(struct api_key *out, struct db *db,
                            const char *word, struct dum_error *err)
{
	size_t len = strlen(word), digits = strspn(word, "0123456789");
	struct dum_error inner = {0};
	enum dum_status status = DUM_ENOTFOUND;

	if (len == API_KEY_PREFIX_MAX - 1)
		status = api_key_find_prefix(out, db, word, &inner);
	if (status == DUM_ENOTFOUND && len > 0 && len == digits && len < 19) {
		error_clear(&inner);
		status = api_key_get(out, db, strtoll(word, NULL, 10), &inner);
	}
	if (status == DUM_ENOTFOUND)
		return error_set(err, status,
		                 "there is no key with the number or prefix "
		                 "'%.20s'; dum-admin key list shows both",
		                 word);
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	return DUM_OK;
}

enum dum_status admin_key_revoke(struct admin *admin, int *exit_out,
                                 struct dum_error *err)
{
	struct api_key key = {.id = 0};
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = find(&key, admin->db, admin->argv[0], err);
	if (status == DUM_OK)
		status = api_key_revoke(admin->db, key.id, err);
	if (status == DUM_OK)
		status = api_key_get(&key, admin->db, key.id, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		status = admin_key_print(admin, &key, err);
	return status;
}
