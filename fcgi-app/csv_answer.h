#ifndef DUM_APP_CSV_ANSWER_H
#define DUM_APP_CSV_ANSWER_H
/*
 * csv_answer - reads that can be had as a table (ROUTE_CSV): which form is
 * meant, and the entry of the journal that says who took data out.
 */
#include "app.h"
#include "route.h"

/* The parameter of such a route, which overrules Accept. */
#define CSV_FORMAT_PARAM                                               \
	{                                                              \
		.name = "format", .type = PARAM_CHOICE,                \
		.choices = (const char *const[]){"json", "csv", NULL}, \
	}

/* Is the answer to be text/csv? The parameters are read. */
bool csv_answer_wanted(const struct route *route, const struct request *req);

/* Does an Accept field prefer text/csv to application/json? */
bool csv_answer_accepted(const char *accept);

/*
 * Enter the export into the journal, in a change of its own and so not within
 * a read: nothing of the answer is sent without it.
 */
DUM_MUST_CHECK enum dum_status csv_answer_note(struct app *app,
                                               const struct request *req,
                                               struct dum_error *err);

#endif
