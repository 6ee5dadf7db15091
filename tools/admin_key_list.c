/* dum-admin key list. */
#include <string.h>

#include "admin_key.h"
#include "admin_limit.h"
#include "admin_list.h"

/* null where there is no such moment. */
static void add_instant(struct json_writer *w, const char *name, int64_t at)
{
	char text[CLOCK_TEXT_MAX];

	if (at == 0) {
		jsonw_member_null(w, name);
		return;
	}
	clock_format_utc(text, at);
	jsonw_member_string(w, name, text);
}

static void add_scopes(struct json_writer *w, unsigned scopes)
{
	struct strbuf list = STRBUF_INIT;

	scope_list(&list, scopes);
	jsonw_key(w, "scopes");
	jsonw_array_begin(w);
	for (const char *at = list.buf; *at != '\0';) {
		size_t len = strcspn(at, " ");

		jsonw_string_n(w, at, len);
		at += len + strspn(at + len, " ");
	}
	jsonw_array_end(w);
	strbuf_release(&list);
}

/* Who made it; null: the command line, or somebody who is gone. */
static enum dum_status add_maker(struct json_writer *w, struct db *db,
                                 const struct api_key *key,
                                 struct dum_error *err)
{
	struct account account;
	enum dum_status status;

	if (key->created_by == 0) {
		jsonw_member_null(w, "created_by");
		return DUM_OK;
	}
	status = account_get(&account, db, key->created_by, err);
	if (status == DUM_OK)
		jsonw_member_string(w, "created_by", account.username);
	return status;
}

/* The same members as GET /api/keys gives; text is the key itself or NULL. */
static enum dum_status add_json(struct json_writer *w, struct db *db,
                                const struct api_key *key, const char *text,
                                struct dum_error *err)
{
	char grantee[GRANTEE_MAX];
	enum dum_status status;

	grantee_of_key(grantee, key->id);
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", key->id);
	jsonw_member_string(w, "prefix", key->prefix);
	jsonw_member_string(w, "name", key->name);
	if (text != NULL)
		jsonw_member_string(w, "key", text);
	add_scopes(w, key->scopes);
	status = grant_json(w, db, grantee, key->is_limited, err);
	if (status == DUM_OK)
		status = add_maker(w, db, key, err);
	jsonw_member_string(w, "created_at", key->created_at);
	add_instant(w, "expires_at", key->expires_at);
	add_instant(w, "last_used_at", key->last_used_at);
	if (key->revoked_at[0] != '\0')
		jsonw_member_string(w, "revoked_at", key->revoked_at);
	else
		jsonw_member_null(w, "revoked_at");
	jsonw_object_end(w);
	return status;
}

static void describe(char *out, size_t size, const struct api_key *key)
{
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, key->expires_at);
	if (key->revoked_at[0] != '\0')
		snprintf(out, size, "revoked %s", key->revoked_at);
	else if (key->expires_at == 0)
		snprintf(out, size, "valid for ever");
	else if (key->expires_at <= clock_now())
		snprintf(out, size, "expired %s", at);
	else
		snprintf(out, size, "valid until %s", at);
}

static enum dum_status print_line(struct db *db, const struct api_key *key,
                                  struct dum_error *err)
{
	struct strbuf scopes = STRBUF_INIT, names = STRBUF_INIT;
	char grantee[GRANTEE_MAX], state[64], used[CLOCK_TEXT_MAX];
	enum dum_status status = DUM_OK;

	grantee_of_key(grantee, key->id);
	describe(state, sizeof(state), key);
	scope_list(&scopes, key->scopes);
	clock_format_utc(used, key->last_used_at);
	if (key->is_limited)
		status = admin_limit_names(&names, db, grantee, err);
	if (status == DUM_OK)
		printf("%lld\t%s\t%s\t%s\t%s\t%s\t%s%s\n", (long long)key->id,
		       key->prefix, key->name, scopes.buf,
		       key->is_limited ? names.buf : "all locations", state,
		       key->last_used_at != 0 ? "used " : "never used",
		       key->last_used_at != 0 ? used : "");
	strbuf_release(&scopes);
	strbuf_release(&names);
	return status;
}

enum dum_status admin_key_print_json(const struct admin *admin,
                                     const struct api_key *key,
                                     const char *text, struct dum_error *err)
{
	struct strbuf out = STRBUF_INIT;
	struct json_writer w = {.out = &out};
	enum dum_status status;

	status = add_json(&w, admin->db, key, text, err);
	if (status == DUM_OK)
		puts(out.buf);
	if (out.len > 0)
		explicit_bzero(out.buf, out.len);
	strbuf_release(&out);
	return status;
}

enum dum_status admin_key_print(const struct admin *admin,
                                const struct api_key *key,
                                struct dum_error *err)
{
	return admin->json ? admin_key_print_json(admin, key, NULL, err)
	                   : print_line(admin->db, key, err);
}

static enum dum_status list_one(void *arg, const struct api_key *key,
                                struct dum_error *err)
{
	struct admin_list *list = arg;

	if (list->admin->json)
		return add_json(&list->w, list->admin->db, key, NULL, err);
	return print_line(list->admin->db, key, err);
}

static enum dum_status list_all(struct admin_list *list, struct dum_error *err)
{
	return api_key_each(list->admin->db, list_one, list, err);
}

enum dum_status admin_key_list(struct admin *admin, int *exit_out,
                               struct dum_error *err)
{
	(void)exit_out;
	return admin_list_print(admin, list_all, err);
}
