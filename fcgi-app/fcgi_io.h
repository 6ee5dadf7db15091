#ifndef DUM_APP_FCGI_IO_H
#define DUM_APP_FCGI_IO_H
/* fcgi_io - a FastCGI request in, its answer out. */
#include <fcgiapp.h>

#include "app.h"

/*
 * Answer one accepted request. The connection is closed: FCGX_Finish_r() is
 * called here, or the connection torn where an answer broke off, so that nginx
 * does not take half of it for the whole.
 */
void fcgi_io_serve(struct app *app, FCGX_Request *fcgi);

#endif
