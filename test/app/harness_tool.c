/* Scripts in place of the programs that the app starts. */
#include "harness.h"

#include "base/fsutil.h"

void harness_tool(struct harness *h, const char *name, const char *body)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error err = {0};

	strbuf_addf(&text,
	            "#!/bin/sh\ncd %s || exit 1\n"
	            "echo \"$*\" >args\n%s\n",
	            h->f->dir, body);
	assert_ok(fs_write_atomic(fixture_path(h->f, name), text.buf, text.len,
	                          0700, &err),
	          &err);
	assert_ok(config_set(&h->f->config, "TOOLS_DIR", h->f->dir, NULL, &err),
	          &err);
	strbuf_release(&text);
}

void assert_file(struct harness *h, const char *name, const char *text)
{
	struct strbuf got = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(fs_read_file(&got, fixture_path(h->f, name), 1000, &err),
	          &err);
	assert_string_equal(got.buf, text);
	strbuf_release(&got);
}
