/* dum-admin config: the settings in force, wherever they came from. */
#include "admin_command.h"
#include "base/json_writer.h"

static void add_json(struct json_writer *w, const struct config *config,
                     const struct config_key *key)
{
	struct strbuf value = STRBUF_INIT;

	config_value(&value, config, key);
	jsonw_key(w, key->name);
	if (key->type == CONFIG_INT || key->type == CONFIG_BOOL)
		jsonw_raw(w, value.buf, value.len);
	else
		jsonw_string(w, value.buf);
	strbuf_release(&value);
}

static void print_json(const struct config *config,
                       const struct config_key *only)
{
	struct strbuf text = STRBUF_INIT;
	struct json_writer w = {.out = &text};

	jsonw_object_begin(&w);
	for (const struct config_key *key = config_keys; key->name; key++)
		if (only == NULL || key == only)
			add_json(&w, config, key);
	jsonw_object_end(&w);
	puts(text.buf);
	strbuf_release(&text);
}

/* As the file could have it: with what each key is for. */
static void print_all(const struct config *config)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		struct strbuf value = STRBUF_INIT;

		config_value(&value, config, key);
		printf("# %s", key->help);
		if (key->type == CONFIG_INT)
			printf(" (%lld to %lld %s)", (long long)key->min,
			       (long long)key->max, key->unit);
		else if (key->type == CONFIG_CHOICE)
			printf(" (one of: %s)", key->choices);
		printf("\n%s=%s\n", key->name, value.buf);
		strbuf_release(&value);
	}
}

enum dum_status admin_config(struct admin *admin, int *exit_out,
                             struct dum_error *err)
{
	const struct config_key *only = NULL;
	struct strbuf value = STRBUF_INIT;

	(void)exit_out;
	if (admin->argc == 1) {
		only = config_key_find(admin->argv[0]);
		/* Says which key is the nearest. */
		if (only == NULL)
			return config_set(&admin->config, admin->argv[0], "",
			                  NULL, err);
	}
	if (admin->json) {
		print_json(&admin->config, only);
	} else if (only != NULL) {
		config_value(&value, &admin->config, only);
		puts(value.buf);
	} else {
		print_all(&admin->config);
	}
	strbuf_release(&value);
	return DUM_OK;
}
