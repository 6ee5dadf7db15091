/* dum-admin audit verify, anchor: is the journal as it was written? */
#include <string.h>
#include <syslog.h>

#include "admin_command.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "store/journal.h"
#include "store/journal_anchor.h"

static void step(void *arg, int64_t done, int64_t all)
{
	tool_progress_step(arg, done, all);
}

/* What came of both looks; no file of anchors is no fault. */
struct verdict {
	struct journal_verdict chain;
	bool has_anchors;
	struct journal_anchor_verdict anchors;
};

static bool is_sound(const struct verdict *v)
{
	return v->chain.broken_id == 0 && v->anchors.broken_line == 0;
}

static void add_why(struct json_writer *w, const char *why)
{
	if (why[0] != '\0')
		jsonw_member_string(w, "why", why);
	else
		jsonw_member_null(w, "why");
}

static void add_number(struct json_writer *w, const char *name, int64_t n)
{
	if (n != 0)
		jsonw_member_int(w, name, n);
	else
		jsonw_member_null(w, name);
}

static void print_json(const struct verdict *v, const char *path)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	jsonw_member_bool(&w, "sound", is_sound(v));
	jsonw_member_int(&w, "entries", v->chain.entries);
	add_number(&w, "broken_id", v->chain.broken_id);
	add_why(&w, v->chain.why);
	jsonw_key(&w, "anchors");
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "file", path);
	jsonw_member_int(&w, "checked", v->anchors.anchors);
	jsonw_member_int(&w, "pruned", v->anchors.pruned);
	add_number(&w, "broken_line", v->anchors.broken_line);
	add_number(&w, "broken_id", v->anchors.broken_id);
	add_why(&w, v->anchors.why);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

static void print_anchors(const struct verdict *v, const char *path)
{
	const struct journal_anchor_verdict *a = &v->anchors;

	if (!v->has_anchors)
		printf("no anchors in %s: that its end was cut off would not "
		       "show\n",
		       path);
	else if (a->broken_line != 0 && a->broken_id != 0)
		printf("%s:%d: entry %lld: %s\n", path, a->broken_line,
		       (long long)a->broken_id, a->why);
	else if (a->broken_line != 0)
		printf("%s:%d: %s\n", path, a->broken_line, a->why);
	else if (a->pruned > 0)
		printf("%lld anchor%s, of which %lld of entries that were "
		       "pruned\n",
		       (long long)a->anchors,
		       plural(a->anchors, " fits", "s fit"),
		       (long long)a->pruned);
	else
		printf("%lld anchor%s\n", (long long)a->anchors,
		       plural(a->anchors, " fits", "s fit"));
}

static void print_text(const struct verdict *v, const char *path)
{
	if (v->chain.broken_id == 0)
		printf("the chain is sound: %lld %s\n",
		       (long long)v->chain.entries,
		       plural(v->chain.entries, "entry", "entries"));
	else
		printf("entry %lld is broken: %s\n",
		       (long long)v->chain.broken_id, v->chain.why);
	print_anchors(v, path);
}

static enum dum_status check_anchors(struct verdict *out, struct admin *admin,
                                     struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;

	status = journal_anchor_check(&out->anchors, admin->db,
	                              admin->config.audit_anchor_file, &inner);
	out->has_anchors = status != DUM_ENOTFOUND;
	if (status == DUM_OK || status == DUM_ENOTFOUND)
		return DUM_OK;
	return error_set(err, status, "%s", inner.text);
}

enum dum_status admin_audit_verify(struct admin *admin, int *exit_out,
                                   struct dum_error *err)
{
	struct verdict verdict = {.has_anchors = false};
	struct tool_progress progress;
	enum dum_status status;

	status = db_open(&admin->db, &admin->config, err);
	if (status != DUM_OK)
		return status;
	tool_progress_start(&progress, "checking the journal");
	status = journal_verify(&verdict.chain, admin->db, step, &progress,
	                        err);
	tool_progress_end(&progress);
	if (status == DUM_OK)
		status = check_anchors(&verdict, admin, err);
	if (status != DUM_OK)
		return status;
	if (admin->json)
		print_json(&verdict, admin->config.audit_anchor_file);
	else
		print_text(&verdict, admin->config.audit_anchor_file);
	*exit_out = is_sound(&verdict) ? TOOL_DONE : TOOL_PROBLEM;
	return DUM_OK;
}

/* syslog is what may lie on another machine; nobody hears of it failing. */
static void tell_syslog(const char *line)
{
	openlog(ADMIN_PROGRAM, LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "journal anchor: %s", line);
	closelog();
}

static void print_anchor(const struct admin *admin,
                         const struct journal_anchor *anchor, const char *line)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};
	char mac[HASH_HEX_MAX];

	if (!admin->json) {
		puts(line);
		return;
	}
	hex_write(mac, anchor->mac, HASH_BYTES);
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "at", anchor->at);
	jsonw_member_int(&w, "id", anchor->id);
	jsonw_member_string(&w, "mac", mac);
	jsonw_member_string(&w, "key_id", anchor->key_id);
	jsonw_member_string(&w, "file", admin->config.audit_anchor_file);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

/*
 * A journal that does not fit the anchors there are gets no further one: the
 * newest would look as if all were well.
 */
static enum dum_status check_before(struct admin *admin, struct dum_error *err)
{
	struct verdict verdict = {.has_anchors = false};
	enum dum_status status = check_anchors(&verdict, admin, err);

	if (status != DUM_OK || verdict.anchors.broken_line == 0)
		return status;
	return error_set(err, DUM_ECONFLICT,
	                 "%s:%d: %s. Look into it (dum-admin audit verify); to "
	                 "go on from here, move that file away and keep it",
	                 admin->config.audit_anchor_file,
	                 verdict.anchors.broken_line, verdict.anchors.why);
}

enum dum_status admin_audit_anchor(struct admin *admin, int *exit_out,
                                   struct dum_error *err)
{
	struct strbuf line = STRBUF_INIT;
	struct journal_anchor anchor;
	enum dum_status status;

	(void)exit_out;
	status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = check_before(admin, err);
	if (status == DUM_OK)
		status = journal_anchor_now(&anchor, admin->db, err);
	if (status != DUM_OK)
		return status;
	journal_anchor_format(&line, &anchor);
	if (!strbuf_ok(&line))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	/* Either place is worth having when the other fails. */
	if (status == DUM_OK)
		tell_syslog(line.buf);
	if (status == DUM_OK)
		status = journal_anchor_append(admin->config.audit_anchor_file,
		                               &anchor, err);
	if (status == DUM_OK)
		print_anchor(admin, &anchor, line.buf);
	strbuf_release(&line);
	return status;
}
