/* dum-admin user list, setup-link: accounts, and the way to the first one. */
#include <string.h>

#include "access/setup.h"
#include "admin_limit.h"
#include "admin_list.h"
#include "admin_user.h"

/* The same members as GET /api/users gives. */
static enum dum_status add_json(struct json_writer *w, struct db *db,
                                const struct account *a, struct dum_error *err)
{
	char grantee[GRANTEE_MAX];
	enum dum_status status;

	grantee_of_user(grantee, a->id);
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", a->id);
	jsonw_member_string(w, "username", a->username);
	jsonw_member_string(w, "role", role_name(a->role));
	jsonw_member_bool(w, "is_active", a->is_active);
	jsonw_member_bool(w, "totp", a->has_totp);
	status = grant_json(w, db, grantee, a->is_limited, err);
	jsonw_member_string(w, "created_at", a->created_at);
	if (a->last_login_at[0] != '\0')
		jsonw_member_string(w, "last_login_at", a->last_login_at);
	else
		jsonw_member_null(w, "last_login_at");
	jsonw_object_end(w);
	return status;
}

static enum dum_status print_line(struct db *db, const struct account *a,
                                  struct dum_error *err)
{
	struct strbuf names = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	char grantee[GRANTEE_MAX];

	grantee_of_user(grantee, a->id);
	if (a->is_limited)
		status = admin_limit_names(&names, db, grantee, err);
	if (status == DUM_OK)
		printf("%lld\t%s\t%s\t%s\t%s\t%s\t%s\n", (long long)a->id,
		       a->username, role_name(a->role),
		       a->is_active ? "active" : "disabled",
		       a->has_totp ? "second factor" : "no second factor",
		       a->is_limited ? names.buf : "all locations",
		       a->last_login_at[0] != '\0' ? a->last_login_at
		                                   : "never logged in");
	strbuf_release(&names);
	return status;
}

enum dum_status admin_user_print(const struct admin *admin,
                                 const struct account *account,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	enum dum_status status;

	if (!admin->json)
		return print_line(admin->db, account, err);
	status = add_json(&w, admin->db, account, err);
	if (status == DUM_OK)
		puts(text.buf);
	strbuf_release(&text);
	return status;
}

static enum dum_status list_one(void *arg, const struct account *account,
                                struct dum_error *err)
{
	struct admin_list *list = arg;

	if (list->admin->json)
		return add_json(&list->w, list->admin->db, account, err);
	return print_line(list->admin->db, account, err);
}

static enum dum_status list_all(struct admin_list *list, struct dum_error *err)
{
	return account_each(list->admin->db, list_one, list, err);
}

enum dum_status admin_user_list(struct admin *admin, int *exit_out,
                                struct dum_error *err)
{
	(void)exit_out;
	return admin_list_print(admin, list_all, err);
}

/* The page takes the token from behind the '#', which no server gets to see. */
static enum dum_status add_link(struct strbuf *out, const char *url,
                                const char *token, struct dum_error *err)
{
	size_t len = strlen(url);

	if ((strncmp(url, "https://", 8) != 0 &&
	     strncmp(url, "http://", 7) != 0) ||
	    strpbrk(url, "#? \t\r\n\"<>\\") != NULL)
		return error_set(err, DUM_EINVAL,
		                 "--url '%.100s' is no address such as "
		                 "https://usage.example.org",
		                 url);
	while (url[len - 1] == '/')
		len--;
	strbuf_add(out, url, len);
	strbuf_addf(out, "/#/setup/%s", token);
	return strbuf_ok(out) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

static void print_link(const struct admin *admin, const char *link)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	char ends[CLOCK_TEXT_MAX];

	if (!admin->json) {
		puts(link);
		return;
	}
	clock_format_utc(ends, clock_now() + SETUP_TOKEN_HOURS * INT64_C(3600));
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "url", link);
	jsonw_member_string(&w, "expires_at", ends);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

enum dum_status admin_user_setup_link(struct admin *admin, int *exit_out,
                                      struct dum_error *err)
{
	const char *url = admin_value(admin, OPTION_URL);
	struct strbuf link = STRBUF_INIT;
	char token[SETUP_TOKEN_MAX];
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = setup_token_make(token, admin->db, err);
	if (status == DUM_OK)
		status = add_link(
		    &link, url != NULL ? url : "https://localhost", token, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		print_link(admin, link.buf);
	explicit_bzero(token, sizeof(token));
	strbuf_release(&link);
	return status;
}
