/* Who can get in, and how open the settings are. */
#include <stdio.h>
#include <string.h>

#include "access/account.h"
#include "access/api_key.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "ops/doctor_parts.h"

struct people {
	int all, active, admins;
	int single;          /* active ones without a second factor */
	int admin_single;    /* admins among them */
	struct strbuf names; /* of those */
};

static enum dum_status count_one(void *arg, const struct account *account,
                                 struct dum_error *err)
{
	struct people *p = arg;
	bool admin = account->role == ROLE_ADMIN;

	(void)err;
	p->all++;
	if (!account->is_active)
		return DUM_OK;
	p->active++;
	p->admins += admin;
	if (account->has_totp)
		return DUM_OK;
	p->single++;
	if (!admin)
		return DUM_OK;
	p->admin_single++;
	if (p->admin_single <= 5)
		strbuf_addf(&p->names, "%s%s", p->names.len > 0 ? ", " : "",
		            account->username);
	return DUM_OK;
}

static void tell_admins(const struct people *p, const struct finder *to)
{
	struct finding f;

	if (p->all == 0) {
		finding_set(&f, FINDING_WARNING, "accounts",
		            "there is no account yet: nobody can log in");
		finding_advise(to, &f,
		               "dum-admin user setup-link, or "
		               "dum-admin user add NAME --role admin");
	} else if (p->admins == 0) {
		finding_set(&f, FINDING_PROBLEM, "accounts",
		            "there is no active admin among %d account%s",
		            p->all, plural_s(p->all));
		finding_advise(to, &f,
		               "dum-admin user add NAME --role admin, "
		               "or dum-admin user enable NAME");
	} else {
		finding_ok(to, "accounts",
		           "%d account%s, %d of them active, %d admin%s",
		           p->all, plural_s(p->all), p->active, p->admins,
		           plural_s(p->admins));
	}
}

static void tell_factors(const struct people *p, const struct config *config,
                         const struct finder *to)
{
	struct finding f;

	if (p->admin_single > 0 && !config->require_admin_totp) {
		finding_set(&f, FINDING_WARNING, "second_factor",
		            "%d admin%s without a second factor: %s%s",
		            p->admin_single,
		            plural(p->admin_single, " is", "s are"),
		            p->names.buf, p->admin_single > 5 ? " ..." : "");
		finding_advise(to, &f,
		               "let them set one up on the account "
		               "page; REQUIRE_ADMIN_TOTP=true makes it "
		               "compulsory");
	} else if (p->active > 0) {
		finding_ok(to, "second_factor",
		           "%d of %d active account%s with a second factor%s",
		           p->active - p->single, p->active,
		           plural_s(p->active),
		           config->require_admin_totp ? "; admins must" : "");
	}
}

static enum dum_status count_key(void *arg, const struct api_key *key,
                                 struct dum_error *err)
{
	int *endless = arg;

	(void)err;
	if (key->revoked_at[0] == '\0' && key->expires_at == 0 &&
	    (key->scopes & SCOPE_ADMIN) != 0)
		(*endless)++;
	return DUM_OK;
}

static void check_keys(struct db *db, const struct finder *to)
{
	struct dum_error err = {0};
	struct finding f;
	int endless = 0;

	if (api_key_each(db, count_key, &endless, &err) != DUM_OK) {
		finding_error(to, "keys", &err, "the keys could not be read");
	} else if (endless > 0) {
		finding_set(&f, FINDING_WARNING, "keys",
		            "%d key%s with the scope admin never expire%s",
		            endless, plural_s(endless),
		            plural(endless, "s", ""));
		finding_advise(to, &f,
		               "give programs the scopes that they "
		               "need and a last day: dum-admin key "
		               "list, key add ... --expires DATE");
	} else {
		finding_ok(to, "keys", "no key may do everything for ever");
	}
}

void doctor_accounts(const struct config *config, struct db *db,
                     const struct finder *to)
{
	struct people people = {.names = STRBUF_INIT};
	struct dum_error err = {0};

	if (account_each(db, count_one, &people, &err) == DUM_OK) {
		tell_admins(&people, to);
		tell_factors(&people, config, to);
	} else {
		finding_error(to, "accounts", &err,
		              "the accounts could not be read");
	}
	strbuf_release(&people.names);
	check_keys(db, to);
}

/* Does a word of a list, between commas or blanks, end like that? */
static bool has_ending(const char *list, const char *ending)
{
	size_t len = strlen(ending);

	for (list += strspn(list, ", \t"); *list != '\0';
	     list += strspn(list, ", \t")) {
		size_t n = strcspn(list, ", \t");

		if (n >= len && strncmp(list + n - len, ending, len) == 0)
			return true;
		list += n;
	}
	return false;
}

void doctor_settings(const struct config *config, const struct finder *to)
{
	struct finding f;

	if (has_ending(config->cors_origins, "*")) {
		finding_set(&f, FINDING_WARNING, "cors",
		            "CORS_ORIGINS is *: any web page may read with a "
		            "key that it has got hold of");
		finding_advise(to, &f,
		               "list the origins that need it, or "
		               "none");
	} else {
		finding_ok(to, "cors", "%s",
		           config->cors_origins[0] == '\0'
		               ? "no other web origin may read"
		               : "only listed web origins may read");
	}
	if (has_ending(config->trusted_proxies, "/0")) {
		finding_set(&f, FINDING_PROBLEM, "trusted_proxies",
		            "TRUSTED_PROXIES trusts everybody: anybody can "
		            "pretend to be any address");
		finding_advise(to, &f,
		               "list the addresses of the proxies in "
		               "front, and no others");
	}
}
