#include "credential.h"

#include <string.h>
#include <strings.h>

/* Take a text over when all of it can be part of a token or a key. */
static void take(struct credential *out, const char *text, size_t len)
{
	out->text[0] = '\0';
	if (len >= sizeof(out->text))
		return;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' ||
		    (unsigned char)text[i] >= 0x7f)
			return;
	memcpy(out->text, text, len);
	out->text[len] = '\0';
}

/* "a=1; b=2": only the pair with our name matters. */
static enum dum_status read_cookie(struct credential *out, const char *header,
                                   struct dum_error *err)
{
	static const char name[] = CREDENTIAL_COOKIE "=";
	const char *p = header;

	while (*p != '\0') {
		size_t len;

		p += strspn(p, " \t");
		len = strcspn(p, ";");
		if (strncmp(p, name, sizeof(name) - 1) == 0) {
			if (out->kind == CREDENTIAL_SESSION)
				return error_set(err, DUM_EINVAL,
				                 "the cookie " CREDENTIAL_COOKIE
				                 " is there twice");
			out->kind = CREDENTIAL_SESSION;
			take(out, p + sizeof(name) - 1,
			     len - (sizeof(name) - 1));
		}
		p += len + (p[len] == ';');
	}
	return DUM_OK;
}

/* Another scheme than Bearer is a credential too: one that nobody has. */
static enum dum_status read_authorization(struct credential *out,
                                          const char *header,
                                          struct dum_error *err)
{
	static const char scheme[] = "Bearer ";
	size_t len = sizeof(scheme) - 1;

	if (*header == '\0')
		return DUM_OK;
	if (out->kind == CREDENTIAL_SESSION)
		return error_set(err, DUM_EINVAL,
		                 "a session and a key at once: send one");
	out->kind = CREDENTIAL_KEY;
	if (strncasecmp(header, scheme, len) == 0)
		take(out, header + len, strlen(header + len));
	return DUM_OK;
}

enum dum_status credential_read(struct credential *out,
                                const struct request *req,
                                struct dum_error *err)
{
	const struct request_headers *headers = &req->headers;
	enum dum_status status;

	*out = (struct credential){.kind = CREDENTIAL_NONE};
	if (strlen(headers->cookie) > CREDENTIAL_HEADER_MAX ||
	    strlen(headers->authorization) > CREDENTIAL_HEADER_MAX)
		return error_set(err, DUM_EINVAL,
		                 "Cookie or Authorization is longer than "
		                 "%d bytes",
		                 CREDENTIAL_HEADER_MAX);
	status = read_cookie(out, headers->cookie, err);
	if (status == DUM_OK)
		status = read_authorization(out, headers->authorization, err);
	return status;
}
