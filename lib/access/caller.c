#include "access/caller.h"

#include <string.h>

bool caller_may_the_same(const struct caller *a, const struct caller *b)
{
	return a->kind == b->kind && a->id == b->id && a->role == b->role &&
	       a->scopes == b->scopes && a->must_enrol == b->must_enrol &&
	       strcmp(a->viewer, b->viewer) == 0;
}
