#ifndef DUM_APP_APP_H
#define DUM_APP_APP_H
/*
 * app - what a worker keeps from one request to the next, and the one way
 * through which every request goes.
 */
#include <stdbool.h>
#include <stdint.h>

#include "answer_cache.h"
#include "calc/date.h"
#include "config/config.h"
#include "request.h"
#include "response.h"
#include "store/db.h"

struct app {
	const struct config *config; /* borrowed */
	const char *config_path;     /* of its file, for tools; borrowed */
	struct db *db;               /* NULL while it can not be opened */
	int64_t open_again_ms;       /* not tried before */
	struct dum_error open_error; /* why .db is NULL */
	int read_deadline_ms;        /* longest that one read may take */
	bool leave; /* end after this request: the handle can not be trusted */
	struct answer_cache *answers;   /* NULL: none is kept */
	char base_digest[HASH_HEX_MAX]; /* of answer_tag_base(); with .db */
};

/*
 * Start and end. config and its path are borrowed. The database is opened by
 * the first request, after fork; one that is missing or damaged leaves a worker
 * that says so.
 */
void app_init(struct app *app, const struct config *config,
              const char *config_path);
void app_release(struct app *app);

/* Answer a request: route, guard, body, handler. The answer is sent. */
void app_handle(struct app *app, struct request *req, struct response *res);

/* What can be done after the answer is out. */
void app_after(struct app *app);

/* Today in the time zone of the configuration; app->db is open. */
struct date app_today(const struct app *app);

/* Who changes data by this request, for the journal; borrows from it. */
struct origin app_origin(const struct request *req);

/*
 * db_begin() for the caller of a request, and is he still who he was when the
 * guard let him in? He may have waited for his turn, or for the hash of a
 * password, while somebody took his rights away. DUM_EAUTH: he is not. A
 * caller who is nobody has none to lose.
 */
DUM_MUST_CHECK enum dum_status app_begin(struct app *app,
                                         const struct request *req,
                                         struct dum_error *err);

/* Open the database unless it is open; why it can not be stands in err. */
DUM_MUST_CHECK enum dum_status app_open(struct app *app, struct dum_error *err);

/*
 * Make it the answer to an error: undo what was begun, log what is for the log
 * alone, and give a handle up that is of no more use.
 */
void app_fail(struct app *app, const struct request *req, struct response *res,
              enum dum_status status, const struct dum_error *err);

#endif
