#ifndef DUM_ACCESS_SECOND_FACTOR_H
#define DUM_ACCESS_SECOND_FACTOR_H
/*
 * second_factor - codes of an authenticator app beside the password (TOTP),
 * and recovery codes for the day the phone is lost. The seed is sealed with
 * the secret key; of a recovery code only the hash is stored. No code works
 * twice.
 */
#include "access/account.h"
#include "crypto/totp.h"

enum { RECOVERY_CODES = 10 };
#define RECOVERY_CODE_MAX sizeof("abcde-fghij-klmno")

/* What the app needs, shown once. */
struct enrolment {
	char seed[TOTP_SEED_TEXT_MAX];
	char uri[256]; /* otpauth://totp/... for the QR code */
};

/*
 * Begin, inside db_begin(): a new seed that counts only once it is confirmed.
 * DUM_ECONFLICT: a second factor is active; remove that first.
 */
DUM_MUST_CHECK enum dum_status second_factor_begin(struct enrolment *out,
                                                   struct db *db,
                                                   int64_t user_id,
                                                   struct dum_error *err);

/*
 * Confirm with a first code, inside db_begin(); gives the recovery codes, shown
 * once, and ends the user's other sessions, which had no code. keep_session 0:
 * none is kept. DUM_EINVAL with field "code": it is not right.
 */
DUM_MUST_CHECK enum dum_status second_factor_confirm(
    char codes_out[static RECOVERY_CODES][RECOVERY_CODE_MAX], struct db *db,
    int64_t user_id, int64_t keep_session, const char *code,
    struct dum_error *err);

enum code_verdict {
	CODE_WRONG, /* also where no second factor is active */
	CODE_USED,  /* right, but used before, or older than one that was */
	CODE_RIGHT
};

/* Use a code of the app or a recovery code up, inside db_begin(). */
DUM_MUST_CHECK enum dum_status second_factor_use(enum code_verdict *out,
                                                 struct db *db, int64_t user_id,
                                                 const char *code,
                                                 struct dum_error *err);

/* Recovery codes that are left. */
DUM_MUST_CHECK enum dum_status second_factor_codes_left(int64_t *out,
                                                        struct db *db,
                                                        int64_t user_id,
                                                        struct dum_error *err);

#endif
