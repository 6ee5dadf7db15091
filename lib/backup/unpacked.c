#include "backup/unpacked.h"

#include "store/migrate.h"

enum dum_status unpacked_open(struct unpacked *out, const struct config *config,
                              const struct verify_request *request,
                              const struct origin *who, struct dum_error *err)
{
	enum dum_status status;
	int from, to;

	*out = (struct unpacked){.config = *config};
	status = verify_backup(&out->manifest, &out->image, request, err);
	if (status != DUM_OK)
		return status;
	/* Only read, and the image outlives the handle. */
	out->config.database_path = (char *)(uintptr_t)image_path(out->image);
	status = db_open_any_version(&out->db, &out->config, err);
	if (status == DUM_OK)
		status = migrate(&from, &to, out->db, who, err);
	if (status != DUM_OK)
		unpacked_close(out);
	return status;
}

void unpacked_close(struct unpacked *unpacked)
{
	db_free(unpacked->db);
	image_free(unpacked->image);
	unpacked->db = NULL;
	unpacked->image = NULL;
}
