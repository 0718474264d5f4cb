/* Faults on demand, for tests: preloaded into a program and all that it starts, it counts the
 * operations that change files, and at the N-th one kills, or says that the disk is full.
 *
 * The counter lies in a file that all processes map, so that N means the N-th operation of all of
 * them together. A build that knows nothing of it (a static program) is not counted.
 *
 *   FP_COUNT  the file of the counter; without it nothing is counted and nothing fails
 *   FP_MODE   count       only counts (the default)
 *             kill        the process that is about to do the operation gets SIGKILL
 *             killall     so do all others below FP_COUNT, stopped first: as a power cut does
 *             enospc      the operation fails with ENOSPC, once
 *             enospc-on   so does every later one that could need room
 *   FP_AT     which operation, from 1
 *   FP_PATH   only operations on paths that begin so count
 *   FP_MATCH  only operations on paths that match this pattern of fnmatch(3) count
 *   FP_SKIP   operations on paths that match this one do not
 *   FP_OPS    only these count, with commas: open,write,rename,link,unlink,mkdir,sync,truncate
 *   FP_LOG    a file to which each operation that counts is appended: number, process id, program,
 *             operation, path
 *
 * Killed at a write, half of the data is written first. Writing counts for plain files alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct shared {
    _Atomic unsigned long count;
    _Atomic unsigned long fired; /* the number at which something happened first */
    char what[4000];             /* which operation that was */
};

enum mode { COUNT, KILL, KILLALL, ENOSPC_ONCE, ENOSPC_ON };

static struct shared *shared;
static enum mode mode;
static unsigned long at;
static const char *prefix, *pattern, *skipped, *operations, *counter;
static int journal = -1;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* By system calls of its own, so that nothing of this is counted. */
static int raw_open(const char *path, int flags, mode_t bits)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, bits);
}

static void raw_write(int fd, const void *data, size_t size)
{
    ssize_t ignored = syscall(SYS_write, fd, data, size);
    (void)ignored;
}

static void raw_close(int fd)
{
    syscall(SYS_close, fd);
}

__attribute__((constructor)) static void begin(void)
{
    static int begun;
    if (begun) return;
    begun = 1;
    counter = getenv("FP_COUNT");
    if (!counter) return;
    int fd = raw_open(counter, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, sizeof(struct shared))) return;
    void *mapped = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    raw_close(fd);
    if (mapped == MAP_FAILED) return;
    prefix = getenv("FP_PATH");
    pattern = getenv("FP_MATCH");
    skipped = getenv("FP_SKIP");
    operations = getenv("FP_OPS");
    at = getenv("FP_AT") ? strtoul(getenv("FP_AT"), NULL, 10) : 0;
    const char *name = getenv("FP_MODE");
    if (name)
        mode = !strcmp(name, "kill") ? KILL
             : !strcmp(name, "killall") ? KILLALL
             : !strcmp(name, "enospc") ? ENOSPC_ONCE
             : !strcmp(name, "enospc-on") ? ENOSPC_ON
             : COUNT;
    shared = mapped;
}

/* The absolute path of a name below a directory's descriptor; as it is said, `..` and links too. */
static void absolute(char *out, int dirfd, const char *path)
{
    char link[64], base[PATH_MAX / 2];
    if (path && path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return;
    }
    if (dirfd == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd);
    ssize_t length = readlink(link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = 0;
    snprintf(out, PATH_MAX, path ? "%s/%.2000s" : "%s", base, path);
}

static int listed(const char *operation)
{
    if (!operations) return 1;
    size_t length = strlen(operation);
    for (const char *found = operations; (found = strstr(found, operation)); found += length)
        if ((found == operations || found[-1] == ',') && (!found[length] || found[length] == ','))
            return 1;
    return 0;
}

static int ours(pid_t pid, const pid_t *found, int known)
{
    for (int i = 0; i < known; i++)
        if (found[i] == pid) return 1;
    return 0;
}

/* Stops all that were started below, until no new one appears, then kills them: nobody goes on to
 * see the other's death. */
static void kill_all(void)
{
    static pid_t found[4096];
    int known = 0, before = -1;
    while (known != before) {
        before = known;
        DIR *folder = opendir("/proc");
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
            pid_t pid = atoi(entry->d_name);
            if (pid <= 0 || pid == getpid()) continue;
            if (ours(pid, found, known) || known == 4096) continue;
            char path[64], text[65536];
            snprintf(path, sizeof path, "/proc/%d/environ", pid);
            int fd = raw_open(path, O_RDONLY, 0);
            if (fd < 0) continue;
            ssize_t size = 0, got;
            while ((got = read(fd, text + size, sizeof text - 1 - (size_t)size)) > 0) size += got;
            raw_close(fd);
            text[size] = 0;
            for (char *one = text; one < text + size; one += strlen(one) + 1)
                if (!strncmp(one, "FP_COUNT=", 9) && !strcmp(one + 9, counter)) {
                    kill(pid, SIGSTOP);
                    found[known++] = pid;
                    break;
                }
        }
        if (folder) closedir(folder);
    }
    /* Our parent last: another thread of this process may end it when it sees the parent gone. */
    for (int i = 0; i < known; i++)
        if (found[i] != getppid()) kill(found[i], SIGKILL);
    if (ours(getppid(), found, known)) kill(getppid(), SIGKILL);
}

/* Whether the operation shall fail with ENOSPC. `half` does a part of it before a kill. */
static int fails(const char *operation, int dirfd, const char *path, int needs_room,
                 void (*half)(int, const void *, size_t), int fd, const void *data, size_t size)
{
    begin();
    if (!shared || !listed(operation)) return 0;
    char whole[PATH_MAX];
    int saved = errno;
    absolute(whole, dirfd, path);
    errno = saved;
    if (prefix && strncmp(whole, prefix, strlen(prefix))) return 0;
    if (pattern && fnmatch(pattern, whole, 0)) return 0;
    if (skipped && !fnmatch(skipped, whole, 0)) return 0;
    unsigned long number = atomic_fetch_add(&shared->count, 1) + 1;
    const char *log = getenv("FP_LOG");
    if (log) {
        char line[PATH_MAX + 64];
        if (journal < 0) journal = raw_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        int length = snprintf(line, sizeof line, "%lu %d %s: %s %s\n", number, getpid(),
                              program_invocation_short_name, operation, whole);
        raw_write(journal, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
        errno = saved;
    }
    int now = mode == ENOSPC_ON ? number >= at && needs_room : number == at;
    if (mode == COUNT || !at || !now) return 0;
    unsigned long none = 0;
    if (atomic_compare_exchange_strong(&shared->fired, &none, number))
        snprintf(shared->what, sizeof shared->what, "%s: %s %.3000s",
                 program_invocation_short_name, operation, whole);
    if (mode == KILL || mode == KILLALL) {
        if (half) half(fd, data, size / 2);
        if (mode == KILLALL) kill_all();
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = ENOSPC;
    return 1;
}

#define FAILS(operation, dirfd, path, needs_room) \
    fails(operation, dirfd, path, needs_room, NULL, -1, NULL, 0)

static int plain(int fd)
{
    struct stat about;
    return !fstat(fd, &about) && S_ISREG(about.st_mode);
}

static int opens(int dirfd, const char *path, int flags)
{
    int changes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    if (!changes || !strncmp(path, "/dev/", 5)) return 0;
    return FAILS("open", dirfd, path, (flags & O_CREAT) != 0);
}

#define MODE_OF(flags) \
    mode_t bits = 0; \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list rest; \
        va_start(rest, flags); \
        bits = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...)
{
    REAL(open);
    MODE_OF(flags)
    return opens(AT_FDCWD, path, flags) ? -1 : real(path, flags, bits);
}

int open64(const char *path, int flags, ...)
{
    REAL(open64);
    MODE_OF(flags)
    return opens(AT_FDCWD, path, flags) ? -1 : real(path, flags, bits);
}

int openat(int dirfd, const char *path, int flags, ...)
{
    REAL(openat);
    MODE_OF(flags)
    return opens(dirfd, path, flags) ? -1 : real(dirfd, path, flags, bits);
}

int openat64(int dirfd, const char *path, int flags, ...)
{
    REAL(openat64);
    MODE_OF(flags)
    return opens(dirfd, path, flags) ? -1 : real(dirfd, path, flags, bits);
}

int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int dirfd, const char *path, int flags) { return openat(dirfd, path, flags); }
int __openat64_2(int dirfd, const char *path, int flags) { return openat64(dirfd, path, flags); }

#define CREATING (O_CREAT | O_WRONLY | O_TRUNC)
int creat(const char *path, mode_t bits) { return open(path, CREATING, bits); }
int creat64(const char *path, mode_t bits) { return open64(path, CREATING, bits); }

static int flags_of(const char *how)
{
    int writes = how[0] != 'r' || strchr(how, '+');
    return !writes ? O_RDONLY : how[0] == 'r' ? O_RDWR : O_CREAT | O_WRONLY;
}

FILE *fopen(const char *path, const char *how)
{
    REAL(fopen);
    return opens(AT_FDCWD, path, flags_of(how)) ? NULL : real(path, how);
}

FILE *fopen64(const char *path, const char *how)
{
    REAL(fopen64);
    return opens(AT_FDCWD, path, flags_of(how)) ? NULL : real(path, how);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    return FAILS("rename", AT_FDCWD, to, 1) ? -1 : real(from, to);
}

int renameat(int one, const char *from, int other, const char *to)
{
    REAL(renameat);
    return FAILS("rename", other, to, 1) ? -1 : real(one, from, other, to);
}

int renameat2(int one, const char *from, int other, const char *to, unsigned flags)
{
    REAL(renameat2);
    return FAILS("rename", other, to, 1) ? -1 : real(one, from, other, to, flags);
}

int link(const char *from, const char *to)
{
    REAL(link);
    return FAILS("link", AT_FDCWD, to, 1) ? -1 : real(from, to);
}

int linkat(int one, const char *from, int other, const char *to, int flags)
{
    REAL(linkat);
    return FAILS("link", other, to, 1) ? -1 : real(one, from, other, to, flags);
}

int symlink(const char *target, const char *path)
{
    REAL(symlink);
    return FAILS("link", AT_FDCWD, path, 1) ? -1 : real(target, path);
}

int symlinkat(const char *target, int dirfd, const char *path)
{
    REAL(symlinkat);
    return FAILS("link", dirfd, path, 1) ? -1 : real(target, dirfd, path);
}

int unlink(const char *path)
{
    REAL(unlink);
    return FAILS("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}

int unlinkat(int dirfd, const char *path, int flags)
{
    REAL(unlinkat);
    return FAILS("unlink", dirfd, path, 0) ? -1 : real(dirfd, path, flags);
}

int rmdir(const char *path)
{
    REAL(rmdir);
    return FAILS("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}

int remove(const char *path)
{
    REAL(remove);
    return FAILS("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}

int mkdir(const char *path, mode_t bits)
{
    REAL(mkdir);
    return FAILS("mkdir", AT_FDCWD, path, 1) ? -1 : real(path, bits);
}

int mkdirat(int dirfd, const char *path, mode_t bits)
{
    REAL(mkdirat);
    return FAILS("mkdir", dirfd, path, 1) ? -1 : real(dirfd, path, bits);
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    if (plain(fd) && fails("write", fd, NULL, 1, raw_write, fd, data, size)) return -1;
    return real(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL(writev);
    return plain(fd) && FAILS("write", fd, NULL, 1) ? -1 : real(fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    REAL(pwrite);
    return plain(fd) && FAILS("write", fd, NULL, 1) ? -1 : real(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    REAL(pwrite64);
    return plain(fd) && FAILS("write", fd, NULL, 1) ? -1 : real(fd, data, size, offset);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t size)
{
    REAL(sendfile64);
    return plain(to) && FAILS("write", to, NULL, 1) ? -1 : real(to, from, offset, size);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    REAL(sendfile);
    return plain(to) && FAILS("write", to, NULL, 1) ? -1 : real(to, from, offset, size);
}

ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *end, size_t size, unsigned flags)
{
    REAL(copy_file_range);
    if (plain(to) && FAILS("write", to, NULL, 1)) return -1;
    return real(from, start, to, end, size, flags);
}

int fsync(int fd)
{
    REAL(fsync);
    return FAILS("sync", fd, NULL, 1) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return FAILS("sync", fd, NULL, 1) ? -1 : real(fd);
}

int ftruncate(int fd, off_t size)
{
    REAL(ftruncate);
    return FAILS("truncate", fd, NULL, 1) ? -1 : real(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    REAL(ftruncate64);
    return FAILS("truncate", fd, NULL, 1) ? -1 : real(fd, size);
}

int truncate(const char *path, off_t size)
{
    REAL(truncate);
    return FAILS("truncate", AT_FDCWD, path, 1) ? -1 : real(path, size);
}
