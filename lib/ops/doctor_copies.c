/* Are the backups copied to another place, and of late? */
#include "backup/offsite.h"
#include "base/plural.h"
#include "ops/doctor_parts.h"

/* As dum-verify has it of backups. */
enum { COPIES_MAX_AGE_S = 48 * 3600 };

void doctor_copies(const struct config *config, const struct finder *to)
{
	const char *target = config->sync_target;
	struct dum_error err = {0};
	int64_t at = 0, age;
	struct finding f;

	/* Others may fetch them; that can not be seen from here. */
	if (target[0] == '\0')
		return;
	if (offsite_last(&at, config, &err) != DUM_OK) {
		finding_error(to, "copies", &err, "dum-backup sync");
		return;
	}
	age = clock_now() - at;
	if (at != 0 && age <= COPIES_MAX_AGE_S) {
		finding_ok(to, "copies", "the copies in %s are %lld hour%s old",
		           target, (long long)age / 3600, plural_s(age / 3600));
		return;
	}
	if (at == 0)
		finding_set(&f, FINDING_WARNING, "copies",
		            "the backups were never copied to %s", target);
	else
		finding_set(&f, FINDING_WARNING, "copies",
		            "the copies in %s are %lld hour%s old", target,
		            (long long)age / 3600, plural_s(age / 3600));
	finding_advise(to, &f,
	               "is the place there, and cron at work? Then: "
	               "dum-backup sync");
}
