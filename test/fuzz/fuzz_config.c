/* The settings file, as text from anybody. */
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dum_error err = {0};
	struct config config;

	if (config_init(&config, &err) == DUM_OK)
		(void)!config_read_text(&config, (const char *)data, size,
		                        "/etc", &err);
	config_release(&config);
	return 0;
}
