/* SPDX-License-Identifier: BSD-2-Clause */
/* up_run.c - brings a stack up, says so, and takes it down again when it is told to. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/say_error.h"
#include "cli/up.h"

#define PROBLEM_SIZE     512
#define COMMAND_PATIENCE 200 /* hundredths of a second, from SIGTERM to SIGKILL */

struct up {
        const struct up_request *request;
        struct la_watch signals;
        struct serve_log log;
        struct up_worker *worker[UP_QUEUES_MAX];
        unsigned int workers;
        struct up_namespace child; /* pid 0: none */
        struct la_capture *capture;
        int command_status; /* of wait(2); -1 while it runs */
        bool told;          /* that it takes its time to stop */
};

static void
say_to_administrator(struct serve_log *log, const char *line)
{
        (void)log;
        say_error("%s\n", line);
}

/* ---- Being told to stop ---- */

static void
stop(struct up *up)
{
        for (unsigned int i = 0; i < up->workers; i++)
                up_worker_stop(up->worker[i]);
}

static void
say_how_long(struct up *up)
{
        uint32_t open = 0;

        for (unsigned int i = 0; i < up->workers; i++)
                open += up_worker_open(up->worker[i]);
        if (open > 0 && !up->told && !up->request->quiet)
                say_error(_("%u connections finish, in at most %u s; Ctrl-C again ends them now\n"), open,
                          SERVE_STOP_MS / 1000);
        up->told = true;
}

/* The command that was to run has run, or the namespaces are gone, and with them who could talk to the stack. */
static void
hear_child(struct up *up)
{
        int status;

        if (up->child.pid > 0 && waitpid(up->child.pid, &status, WNOHANG) == up->child.pid) {
                up->child.pid = 0;
                up->command_status = status;
                stop(up);
        }
}

static void
hear_signal(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        struct up *up = (struct up *)((char *)watch - offsetof(struct up, signals));
        struct signalfd_siginfo signal;

        (void)loop;
        (void)events;
        while (read(watch->fd, &signal, sizeof(signal)) == sizeof(signal))
                if (signal.ssi_signo == SIGCHLD) {
                        hear_child(up);
                } else {
                        say_how_long(up);
                        stop(up);
                }
}

/* Before any thread is started and any process forked: all of them hold these back. */
static int
take_signals(struct up *up)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGCHLD);
        signal(SIGPIPE, SIG_IGN);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        up->signals = (struct la_watch){ .ready = hear_signal, .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC) };
        return up->signals.fd < 0 ? -errno : 0;
}

/* ---- The interface ---- */

static int
open_in_namespaces(struct up *up, struct la_link **links)
{
        const struct up_request *r = up->request;
        struct la_tun_config tun = up_tun_config(r);
        const char *what;
        int fds[UP_QUEUES_MAX];
        int status = up_namespace_make(r, &up->child, fds, &what);

        if (status < 0)
                return up_interface_complain(r, _(what), status);
        for (unsigned int i = 0; i < r->queues && status == 0; i++)
                status = la_tun_adopt(&tun, fds[i], &links[i]);
        return status < 0 ? up_interface_complain(r, r->name, status) : 0;
}

static int
open_links(struct up *up, struct la_link **links)
{
        if (up->request->unshare)
                return open_in_namespaces(up, links);
        if (up->request->command && up_command_hold(up->request, &up->child) < 0) {
                say_error("fork: %s\n", strerror(errno));
                return EXIT_NOT_TOLD;
        }
        return up_interface_open(up->request, links);
}

/* ---- Workers ---- */

static int
make_workers(struct up *up, struct la_link **links)
{
        char problem[PROBLEM_SIZE];
        unsigned int i = 0;
        int status = 0;

        for (; i < up->request->queues && status == 0; i++) {
                status = up_worker_new(up->request, links[i], &up->log, &up->worker[i], problem, sizeof(problem));
                up->workers += status == 0;
        }
        for (; i < up->request->queues; i++)
                la_link_close(links[i]);
        if (status < 0)
                say_error("%s\n", problem);
        return status == -EINVAL ? EXIT_USAGE : status < 0 ? EXIT_NOT_TOLD : 0;
}

/* The first is NAME, the others NAME.1, NAME.2, ...: each queue has a stack of its own.  See la_control_queue(). */
static int
answer_as(struct up *up, unsigned int i)
{
        char name[64];
        int status;

        if (i == 0)
                snprintf(name, sizeof(name), "%s", up->request->name);
        else
                snprintf(name, sizeof(name), "%s.%u", up->request->name, i);
        status = up_worker_answer(up->worker[i], name);
        if (status == -EADDRINUSE)
                say_error(_("a running stack answers to the name %s already; --name gives another\n"), name);
        else if (status < 0)
                say_error(_("nobody will be able to look into %s: %s\n"), name, strerror(-status));
        return status;
}

/* A stack that cannot be looked at is a stack all the same. */
static int
answer(struct up *up)
{
        for (unsigned int i = 0; i < up->workers; i++)
                if (answer_as(up, i) == -EADDRINUSE)
                        return EXIT_NOT_TOLD;
        for (unsigned int i = 0; i < up->workers; i++)
                up_worker_is_queue(up->worker[i], i, up->workers);
        return 0;
}

static int
start_capture(struct up *up)
{
        const char *path = up->request->pcap;
        int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO)
                                        : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int status = fd < 0 ? -errno
                            : la_capture_open(fd, up->request->name, "lastack up", up_worker_loop(up->worker[0]),
                                              &up->capture);

        if (status < 0)
                say_error(_("cannot write %s: %s\n"), path, strerror(-status));
        return status < 0 ? EXIT_OUTPUT : 0;
}

static int
start_all(struct up *up)
{
        int status = la_loop_watch(up_worker_loop(up->worker[0]), &up->signals, EPOLLIN);

        for (unsigned int i = 1; i < up->workers && status == 0; i++)
                status = up_worker_start(up->worker[i]);
        if (status < 0)
                say_error("%s\n", strerror(-status));
        return status < 0 ? EXIT_NOT_TOLD : 0;
}

/* ---- Saying so ---- */

static void
list_addresses(const struct up_address *a, size_t n)
{
        char text[64];

        for (size_t i = 0; i < n; i++)
                fprintf(stderr, " %s", up_address_text(&a[i], text));
}

static void
say_it_is_up(const struct up *up)
{
        const struct up_request *r = up->request;

        fprintf(stderr, _("%s is up:"), r->name);
        list_addresses(r->address, r->addresses);
        if (r->xdp)
                fprintf(stderr, _("; on %s"), r->xdp);
        else
                fputs(_("; the kernel's end:"), stderr);
        list_addresses(r->host, r->hosts);
        fputc('\n', stderr);
        for (size_t i = 0; i < r->services; i++)
                fprintf(stderr, "  %-9s%5u%s%s\n", serve_kind_name(r->service[i].kind), r->service[i].port,
                        *r->service[i].target ? "  " : "", r->service[i].target);
        if (r->unshare && !r->command)
                fprintf(stderr, _("It is in namespaces of its own. To join them: nsenter -t %d%s -n COMMAND\n"),
                        (int)up->child.pid, geteuid() == 0 ? "" : " -U --preserve-credentials");
        if (up->workers > 1)
                fprintf(stderr,
                        _("Each of its %u queues has a stack of its own: --stack %s is all of them, --stack %s.0 the "
                          "first alone.\n"),
                        up->workers, r->name, r->name);
        fprintf(stderr, _("To look into it: lastack --stack %s. Ctrl-C closes its connections and ends it.\n"),
                r->name);
}

static void
say_ready(struct up *up)
{
        if (!up->request->quiet)
                say_it_is_up(up);
        if (up->request->ready_fd >= 0 && write(up->request->ready_fd, "", 1) == 1)
                close(up->request->ready_fd);
        if (up->request->command && write(up->child.go_fd, "", 1) < 0)
                say_error("command: %s\n", strerror(errno));
}

/* ---- The whole ---- */

/* A command that does not want to end is not waited for for ever. */
static void
end_child(pid_t pid)
{
        const struct timespec moment = { .tv_nsec = 10000000 };

        kill(pid, SIGTERM);
        for (int i = 0; i < COMMAND_PATIENCE; i++) {
                if (waitpid(pid, NULL, WNOHANG) != 0)
                        return;
                nanosleep(&moment, NULL);
        }
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}

static int
end(struct up *up, int status)
{
        int r;

        if (up->capture && (r = la_capture_close(up->capture)) < 0) {
                say_error(_("%s is not whole: %s\n"), up->request->pcap, strerror(-r));
                status = status ? status : EXIT_OUTPUT;
        }
        for (unsigned int i = 0; i < up->workers; i++)
                if ((r = up_worker_free(up->worker[i])) < 0) {
                        say_error(_("the interface failed: %s\n"), strerror(-r));
                        status = status ? status : EXIT_NOT_TOLD;
                }
        if (up->child.pid > 0) {
                close(up->child.go_fd);
                end_child(up->child.pid);
        }
        if (status == 0 && up->request->command && up->command_status >= 0)
                status = WIFEXITED(up->command_status) ? WEXITSTATUS(up->command_status)
                                                       : 128 + WTERMSIG(up->command_status);
        return status;
}

int
up_run(const struct up_request *r)
{
        struct up up = { .request = r, .log = { say_to_administrator }, .command_status = -1 };
        struct la_link *links[UP_QUEUES_MAX];
        int status;

        if (take_signals(&up) < 0) {
                say_error("signals: %s\n", strerror(errno));
                return EXIT_NOT_TOLD;
        }
        status = open_links(&up, links);
        if (status == 0)
                status = make_workers(&up, links);
        if (status == 0)
                status = answer(&up);
        if (status == 0 && r->pcap)
                status = start_capture(&up);
        if (status == 0)
                status = start_all(&up);
        if (status == 0) {
                say_ready(&up);
                up_worker_run(up.worker[0]);
        }
        return end(&up, status);
}
