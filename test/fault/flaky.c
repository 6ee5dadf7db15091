/*
 * flaky - stands between a program and the system (LD_PRELOAD) and lets memory
 * run out, or reads and writes end early, when the test says so.
 *
 * The test and the program share the file that $FLAKY_CONTROL names; see struct
 * control. Only the program that $FLAKY_PROGRAM names is touched: a whole
 * service can be started with it. Used by way of flaky.py.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* All of it is the test's to write, and ours to count down. */
struct control {
	int64_t asked;  /* how often memory was asked for */
	int64_t left;   /* so many times it is given; then, once, it is not */
	int64_t for_good; /* 1: and never again from then on */
	int64_t parts;  /* 1: reads and writes end early; 2: or at once, EINTR */
	int64_t cut;    /* how many did */
	int64_t signal; /* the program was ended by this one: a crash */
};

static volatile struct control *control;

/* glibc's own, under the names by which they can be had from here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void on_crash(int number)
{
	control->signal = number;
	signal(number, SIG_DFL);
	raise(number);
}

__attribute__((constructor)) static void look_up(void)
{
	static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
	const char *path = getenv("FLAKY_CONTROL");
	const char *program = getenv("FLAKY_PROGRAM");
	void *shared;
	int fd;

	if (path == NULL || program == NULL ||
	    strcmp(program, program_invocation_short_name) != 0)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	shared = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
	              MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		abort();
	control = shared;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], on_crash);
}

static bool spared; /* nothing is refused just now */

/* --- memory --------------------------------------------------------------- */

static bool is_refused(void)
{
	if (control == NULL || spared)
		return false;
	control->asked++;
	if (control->left < 0 || control->left-- > 0)
		return false;
	if (control->for_good != 0)
		control->left = 0;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
	return is_refused() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *got = memalign(alignment, size);

	if (got == NULL)
		return ENOMEM;
	*out = got;
	return 0;
}

/* --- reading and writing -------------------------------------------------- */

/* How much of it is done this time; 0: nothing, and errno is EINTR. */
static size_t part_of(size_t len)
{
	static unsigned number = 1;

	if (control == NULL || control->parts == 0 || len < 2)
		return len;
	number = number * 1103515245u + 12345u;
	if (number >> 16 & 1)
		return len;
	control->cut++;
	if (control->parts == 2 && (number >> 17 & 3) == 0) {
		errno = EINTR;
		return 0;
	}
	return 1 + (number >> 8) % (len - 1);
}

/* glibc's function of that name. */
static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	return found;
}

#define REAL(name) ((__typeof__(&(name)))real(#name))

/* glibc 2.36 itself crashes in it without memory. */
struct passwd *getpwuid(uid_t uid)
{
	struct passwd *found;

	spared = true;
	found = REAL(getpwuid)(uid);
	spared = false;
	return found;
}

ssize_t read(int fd, void *to, size_t len)
{
	size_t part = part_of(len);

	return part == 0 && len > 0 ? -1 : REAL(read)(fd, to, part);
}

ssize_t write(int fd, const void *from, size_t len)
{
	size_t part = part_of(len);

	return part == 0 && len > 0 ? -1 : REAL(write)(fd, from, part);
}

ssize_t pread64(int fd, void *to, size_t len, off64_t at)
{
	size_t part = part_of(len);

	return part == 0 && len > 0 ? -1 : REAL(pread64)(fd, to, part, at);
}

ssize_t pwrite64(int fd, const void *from, size_t len, off64_t at)
{
	size_t part = part_of(len);

	return part == 0 && len > 0 ? -1 : REAL(pwrite64)(fd, from, part, at);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	return pread64(fd, to, len, at);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	return pwrite64(fd, from, len, at);
}

/* What fortified programs call; the compiler has seen that it fits. */
ssize_t __read_chk(int fd, void *to, size_t len, size_t room)
{
	(void)room;
	return read(fd, to, len);
}

ssize_t __pread_chk(int fd, void *to, size_t len, off_t at, size_t room)
{
	(void)room;
	return pread64(fd, to, len, at);
}

ssize_t __pread64_chk(int fd, void *to, size_t len, off64_t at, size_t room)
{
	(void)room;
	return pread64(fd, to, len, at);
}
