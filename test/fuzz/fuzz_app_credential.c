/*
 * Cookie, Authorization and Origin, one a line: who a request says it is from,
 * and what that adds to an answer.
 */
#include "credential.h"

#include "cors.h"
#include "fuzz_app.h"

static bool write_nowhere(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return true;
}

/* Lines that end with CRLF and nothing else that could end one. */
static void check_headers(const struct response *res)
{
	const char *p = res->headers.buf, *end = p + res->headers.len;

	for (; p < end; p++) {
		if (*p == '\r' && p + 1 < end && p[1] == '\n')
			p++;
		else
			FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
	}
}

static void check_credential(const struct credential *credential)
{
	FUZZ_CHECK(strlen(credential->text) < sizeof(credential->text));
	for (const char *c = credential->text; *c != '\0'; c++)
		FUZZ_CHECK(*c > ' ' && *c < 0x7f);
	FUZZ_CHECK(credential->kind != CREDENTIAL_NONE ||
	           credential->text[0] == '\0');
}

static void check_cors(const struct request *req,
                       const struct credential *credential, const char *origins)
{
	struct response res;

	response_init(&res, write_nowhere, NULL);
	cors_add(&res, req, credential, origins);
	FUZZ_CHECK(strstr(res.headers.buf, "Allow-Credentials") == NULL);
	check_headers(&res);
	response_release(&res);
	response_init(&res, write_nowhere, NULL);
	cors_add_preflight(&res, req, METHOD_GET | METHOD_POST, origins);
	check_headers(&res);
	response_release(&res);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credential credential;
	struct fuzz_lines lines;
	struct dum_error err = {0};
	struct request req;

	fuzz_lines_split(&lines, data, size);
	if (request_init(&req, "GET", "/api/x", NULL, "fuzz", &err) != DUM_OK)
		abort();
	req.headers.cookie = lines.line[0];
	req.headers.authorization = lines.line[1];
	req.headers.origin = lines.line[2];
	req.headers.request_method = lines.line[3];
	if (credential_read(&credential, &req, &err) == DUM_OK) {
		check_credential(&credential);
		check_cors(&req, &credential, "*");
		check_cors(&req, &credential,
		           "https://a.example, https://b.example:8443");
	} else {
		fuzz_check_error(&err);
	}
	request_release(&req);
	fuzz_lines_release(&lines);
	return 0;
}
