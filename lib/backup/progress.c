#include "backup/progress.h"

#include <stddef.h>

void backup_part_step(void *part, int64_t done, int64_t all)
{
	const struct backup_part *p = part;
	double share;

	if (p->fn == NULL || all <= 0)
		return;
	/* Sizes times a thousand could be past int64_t, and nobody pays. */
	share = done < all ? (double)done / (double)all : 1;
	p->fn(p->arg, p->from + (int64_t)(share * (p->to - p->from)),
	      BACKUP_PROGRESS_WHOLE);
}
