#ifndef DUM_APP_RES_IMPORT_PARTS_H
#define DUM_APP_RES_IMPORT_PARTS_H
/* import_parts - what the resources of imports have in common. */

/* So many records are changed within a request; more are a job. */
enum { IMPORT_IN_WORKER = 20000 };

#endif
