/* dum-backup ship: what is new in the journal goes to its segments. */
#include "backup/ship.h"

#include "backup_commands.h"
#include "base/json_writer.h"
#include "base/plural.h"

static void print_json(const struct ship_result *r)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "entries", r->entries);
	jsonw_member_int(&w, "last_id", r->last_id);
	jsonw_member_int(&w, "sealed", r->sealed);
	jsonw_member_int(&w, "mended_bytes", r->mended_bytes);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

/* For cron: where there was nothing to tell, nothing is told. */
static void print_text(const struct ship_result *r)
{
	if (r->mended_bytes > 0)
		printf("a torn tail of %lld byte%s was cut away and shipped "
		       "again\n",
		       (long long)r->mended_bytes, plural_s(r->mended_bytes));
	if (r->entries > 0)
		printf("%lld %s shipped, up to %lld\n", (long long)r->entries,
		       plural(r->entries, "entry", "entries"),
		       (long long)r->last_id);
	if (r->sealed > 0)
		printf("%lld segment%s sealed\n", (long long)r->sealed,
		       plural_s(r->sealed));
}

enum dum_status backup_cmd_ship(struct backup *backup, int *exit_out,
                                struct dum_error *err)
{
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	struct ship_options options;
	struct ship_result result;
	enum dum_status status;
	bool has_key = false;

	(void)exit_out;
	status = backup_key(&key, &has_key, backup, false, err);
	options = ship_options(&backup->config, "dum-backup ship",
	                       has_key ? &key : NULL);
	options.seal_now = backup->seal;
	if (status == DUM_OK)
		status = ship_journal(&result, &backup->config, &options, err);
	container_key_wipe(&key);
	if (status == DUM_OK && backup->json)
		print_json(&result);
	else if (status == DUM_OK)
		print_text(&result);
	return status;
}
