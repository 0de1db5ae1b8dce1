/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tune/apply.h"

/* Longest time between two tries where it cannot be undone (the disk is full, say). */
#define TRY_AGAIN_MS 5000
#define TRIES        120

static int64_t
now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_BOOTTIME, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Nothing more to do: confirmed, undone, or its journal taken away. */
static bool
is_settled(const struct tune_store *s, unsigned int id)
{
        struct tune_change c;
        int r = tune_store_load(s, id, &c);
        bool settled = r == -ENOENT || (r == 0 && (c.confirmed || c.undone));

        if (r == 0)
                tune_change_fini(&c);
        return settled;
}

/* Waits until the journal is written to, or the time is over; without inotify, a little. */
static void
wait_for_news(int inotify, int64_t until)
{
        struct pollfd news = { .fd = inotify, .events = POLLIN }; /* a negative descriptor is passed over */
        char events[4096];
        int64_t left = until - now_ms(), most = inotify >= 0 ? INT_MAX : 200;

        if (left > 0 && poll(&news, 1, (int)(left < most ? left : most)) > 0 &&
            read(inotify, events, sizeof(events)) < 0)
                nanosleep(&(struct timespec){ .tv_nsec = 100000000L }, NULL);
}

static bool
undo(const char *directory, int netns_fd, unsigned int id)
{
        struct tune_trouble trouble = { 0 };
        struct tune_change c;
        struct tune_store s;
        bool done;

        if (tune_store_lock(directory, &s) < 0)
                return false;
        done = is_settled(&s, id);
        if (!done && tune_store_load(&s, id, &c) == 0) {
                done = tune_undo(&s, netns_fd, &c, false, "unconfirmed", &trouble) == 0;
                tune_trouble_fini(&trouble);
                tune_change_fini(&c);
        }
        tune_store_unlock(&s);
        return done;
}

static void
watch(const char *directory, int netns_fd, unsigned int id, uint32_t within_s)
{
        int64_t until = now_ms() + (int64_t)within_s * 1000;
        struct tune_store s = tune_store_to_read(directory);
        int inotify = inotify_init1(IN_CLOEXEC);
        char name[PATH_MAX];

        snprintf(name, sizeof(name), "%s/%06u.change", directory, id);
        if (inotify >= 0 && inotify_add_watch(inotify, name, IN_MODIFY | IN_DELETE_SELF) < 0) {
                close(inotify);
                inotify = -1;
        }
        while (now_ms() < until && !is_settled(&s, id))
                wait_for_news(inotify, until);
        for (unsigned int i = 0; i < TRIES && !undo(directory, netns_fd, id); i++)
                nanosleep(&(struct timespec){ .tv_sec = TRY_AGAIN_MS / 1000 }, NULL);
}

/* Whoever waits for the end of our output must not wait for the watcher. */
static void
leave_the_terminal(void)
{
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (null >= 0)
                        dup2(null, fd);
        setsid();
        signal(SIGHUP, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
        prctl(PR_SET_NAME, "lastack-watch");
}

static void __attribute__((noreturn))
be_the_watcher(const struct tune_store *s, int netns_fd, const struct tune_change *c, int pipe)
{
        char *directory = realpath(s->directory, NULL);
        pid_t pid = getpid();

        leave_the_terminal();
        if (s->lock >= 0)
                close(s->lock); /* the caller's lock stays: it is his descriptor, too */
        if (!directory || chdir("/") < 0 || write(pipe, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
                _exit(1);
        close(pipe);
        watch(directory, netns_fd, c->id, c->confirm_within_s);
        _exit(0);
}

int
tune_watch(const struct tune_store *s, int netns_fd, const struct tune_change *c)
{
        int ends[2], status;
        pid_t child, watcher = 0;

        fflush(NULL);
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        child = fork();
        if (child == 0) {
                close(ends[0]);
                if (fork() == 0)
                        be_the_watcher(s, netns_fd, c, ends[1]);
                _exit(0);
        }
        close(ends[1]);
        if (child < 0 || read(ends[0], &watcher, sizeof(watcher)) != (ssize_t)sizeof(watcher))
                watcher = -EAGAIN;
        close(ends[0]);
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        return watcher;
}
