#ifndef DUM_APP_RESPONSE_H
#define DUM_APP_RESPONSE_H
/*
 * response - one HTTP answer: status, headers, and a body that may be longer
 * than memory should hold.
 *
 * A body is collected in .body. A list without an end in sight calls
 * response_flush_if_large() between rows: past .flush_at (32 KiB) the head goes
 * out and the body follows piece by piece. What is small is sent whole, with
 * its length.
 *
 * A body can also be a file (response_file()): the head goes out with its
 * length, and response_send_file() sends the bytes, at the pace of whoever
 * takes them; fcgi_io.c leaves that to a process of its own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer_cache.h"
#include "base/error.h"
#include "base/strbuf.h"

/* Takes bytes of the answer, head included; false: the peer is gone. */
typedef bool (*response_write_fn)(void *arg, const char *data, size_t len);

/* Hears how long a write took, in ms. */
typedef void (*response_waited_fn)(void *arg, int64_t ms);

struct response {
	int status;
	const char *content_type;
	struct strbuf headers; /* lines, each with CRLF */
	struct strbuf lasting; /* the same; stay when it becomes an error */
	struct strbuf body;
	const char *lent; /* the body, another's; NULL: it is in .body */
	size_t lent_len;
	const char *actor;     /* who asked, for nginx's log; borrowed */
	int64_t retry_after_s; /* with DUM_EBUSY: the caller has to wait */
	response_write_fn write;
	void *write_arg;
	response_waited_fn waited; /* NULL: nobody asks */
	void *waited_arg;
	/* ETag; "": it has none, and nothing may keep it. */
	char tag[ANSWER_TAG_MAX];
	struct strbuf kept; /* what was sent of the body, up to .keep_most */
	size_t keep_most;   /* 0: nothing is kept */
	size_t flush_at;    /* a longer body goes out in pieces */
	int file;           /* the body, owned; -1: it is in .body */
	int64_t file_bytes; /* so many of it */
	bool head_only;     /* answer to HEAD: the body is left out */
	bool unwanted;      /* the body is dropped as it is made */
	bool withhold;      /* nothing may leave before the end */
	bool withheld;      /* so it broke off: there is more than fits */
	bool started;       /* the head is out; the status can not change */
	bool lost;          /* the peer is gone, or a list broke off */
};

void response_init(struct response *res, response_write_fn write, void *arg);
void response_release(struct response *res);

/*
 * Add a header. A value with a control character is left out: nothing that
 * came from a client can make a header of its own.
 */
void response_header(struct response *res, const char *name, const char *value);

/* The same, for a header that an error must have, too. */
void response_lasting_header(struct response *res, const char *name,
                             const char *value);

/* Send what is there when it is much. False: stop, nobody listens. */
bool response_flush_if_large(struct response *res);

/* The same, after a row of a list. DUM_ESYS: nobody listens. */
DUM_MUST_CHECK enum dum_status response_flush_row(struct response *res,
                                                  struct dum_error *err);

/*
 * Give it an ETag. Then clients may keep it, and have to ask each time whether
 * it still holds. An error loses the tag.
 */
void response_tag(struct response *res, const char *tag);

/* Keep a copy of the body in .kept unless it is longer than most bytes. */
void response_keep(struct response *res, size_t most);

/* Is the whole body of a good answer in .kept? Asked when it is finished. */
bool response_kept_whole(const struct response *res);

/* A good answer that the client has already: 304, without its body. */
void response_not_modified(struct response *res);

/*
 * Let bytes that another keeps be the body: they are not copied, and have to
 * stay until the answer is finished.
 */
void response_lend(struct response *res, const char *body, size_t len);

/* Let bytes of an open file be the body; it is closed with the answer. */
void response_file(struct response *res, int fd, int64_t bytes);

/* Send what is left; the head alone where the body is a file. */
void response_finish(struct response *res);

/*
 * Send the file, from where it stands, a piece at a time; does nothing without
 * one. each, which may be NULL, is called before each piece.
 */
void response_send_file(struct response *res, void (*each)(void));

/*
 * Drop what was collected, but for the lasting headers, and begin another
 * answer; not once the head is out.
 */
void response_start_over(struct response *res, int http_status,
                         const char *content_type);

/* Words that go with a status: "Not Found". */
const char *response_title(int http_status);

#endif
