/* Handler tests of the table of routes: what each row takes, and no more. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static int ask_row(struct harness *h, const struct route *route,
                   const struct session_pass *as, const char *query,
                   const char *body)
{
	struct strbuf method = STRBUF_INIT;
	char uri[224];
	int status;

	method_list(&method, route->method);
	snprintf(uri, sizeof(uri), "%s%s", route_path(route), query);
	status = ask(h, &(struct ask){.method = method.buf,
	                              .uri = uri,
	                              .body = body,
	                              .content_type = route_type(route),
	                              .as = as});
	strbuf_release(&method);
	return status;
}

static void the_tables_of_a_row_fit_a_request(void **state)
{
	(void)state;
	for (const struct route *r = routes; r->path != NULL; r++) {
		int params = 0, members = 0;

		while (r->params != NULL && r->params[params].name != NULL)
			params++;
		while (r->members != NULL && r->members[members].name != NULL)
			members++;
		if (params > REQUEST_PARAMS_MAX ||
		    members > REQUEST_MEMBERS_MAX)
			fail_msg("%s: %d parameters, %d members", r->path,
			         params, members);
		if ((r->body == BODY_JSON) != (r->members != NULL))
			fail_msg("%s: a body without members, or the reverse",
			         r->path);
	}
}

static void no_row_takes_a_parameter_that_it_does_not_name(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "ada", ROLE_ADMIN, NULL);

	for (const struct route *r = routes; r->path != NULL; r++) {
		const char *body = r->body == BODY_JSON ? "{}" : NULL;

		if (ask_row(h, r, &admin, "?other=1", body) != 400)
			fail_msg("%s: %d", r->path, h->status);
		assert_problem(h, 400, "other");
	}
}

static void no_row_takes_a_member_that_it_does_not_name(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "ada", ROLE_ADMIN, NULL);

	for (const struct route *r = routes; r->path != NULL; r++) {
		bool json = r->body == BODY_JSON;

		if (r->body == BODY_CSV)
			continue;
		if (ask_row(h, r, &admin, "", "{\"other\":1}") != 400)
			fail_msg("%s: %d", r->path, h->status);
		assert_problem(h, 400, json ? "/other" : "");
	}
}

static void who_may_not_hears_that_before_what_is_wrong(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);

	for (const struct route *r = routes; r->path != NULL; r++) {
		const char *body = r->body == BODY_JSON ? "{}" : NULL;

		if (r->access == ACCESS_PUBLIC)
			continue;
		ask_row(h, r, NULL, "?other=1", body);
		assert_problem(h, 401, NULL);
		ask_row(h, r, &viewer, "?other=1", body);
		if (r->access == ACCESS_VIEWER)
			assert_problem(h, 400, "other");
		else
			assert_problem(h, 403, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_tables_of_a_row_fit_a_request),
	    HARNESS_TEST(no_row_takes_a_parameter_that_it_does_not_name),
	    HARNESS_TEST(no_row_takes_a_member_that_it_does_not_name),
	    HARNESS_TEST(who_may_not_hears_that_before_what_is_wrong),
	};

	return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
