#ifndef DUM_BASE_VERSION_H
#define DUM_BASE_VERSION_H
/* version - the one place that says which version this is. */

#define DUM_VERSION "0.1.0"

#endif
