#include "access/password_check.h"

#include "access/hash_slot.h"

static enum dum_status hash(struct password_verdict *out,
                            const struct user *user, const char *password,
                            struct dum_error *err)
{
	enum dum_status status;
	bool outdated = false;

	if (user == NULL)
		return password_verify_nobody(password, err);
	status = password_verify(&out->matches, &outdated, user->password_hash,
	                         password, err);
	if (status == DUM_OK && out->matches && outdated && user->is_active)
		status = password_hash(out->new_hash, password, err);
	return status;
}

enum dum_status password_check(struct password_verdict *out,
                               const struct db *db, const struct user *user,
                               const char *password, struct dum_error *err)
{
	struct slot slot = {.fd = -1};
	enum dum_status status;

	*out = (struct password_verdict){.tried = false};
	status = hash_slot_take(&slot, db_path(db), err);
	if (status != DUM_OK)
		return status;
	out->tried = true;
	status = hash(out, user, password, err);
	slot_release(&slot);
	return status;
}
