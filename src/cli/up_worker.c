/* SPDX-License-Identifier: BSD-2-Clause */
/* up_worker.c - one stack on one queue, with all services: what a core does. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/gettext.h"
#include "cli/up.h"
#include "lastack/control.h"

#define CHUNK_BYTES   32768
#define CHUNKS        65536 /* 2 GiB at most, all connections' buffers together; touched as they are used */
#define TIME_WAIT_MAX (1u << 20)
#define TRACE_ENTRIES 256     /* the loop takes them as they come */
#define BUSY_POLL_US  50      /* as net.core.busy_read is usually set: Documentation/admin-guide/sysctl/net.rst */
#define LAST_WORDS_US 1000000 /* at least, for what is still to be acknowledged when all connections are closed */

/* Links here are short and fast: what fills them is more than Linux's default, and costs nothing while nothing waits in
 * it.  The receive buffer stays at the second number, where Linux would let it grow to the third. */
static const struct up_knob usual_knobs[] = {
        { "tcp_rmem", "4096 1048576 6291456" },
        { "tcp_wmem", "4096 524288 4194304" },
};

struct up_worker {
        struct la_watch stop_watch;
        atomic_int stops; /* asked for */
        int stops_done;
        tcp_time stopped_at; /* the first time */
        atomic_uint open;
        struct la_link *link;
        struct la_loop *loop;
        struct la_control *control; /* NULL: it is not to be looked at */
        struct la_stack *stack;
        void *block;
        size_t block_bytes;
        struct serve *service[UP_SERVICES_MAX];
        size_t services;
        bool in_thread;
        pthread_t thread;
        int status;
};

/* ---- Making one --------------------------------------------------------------------------------------------------- */

static struct la_config
config_of(const struct up_request *r, const struct la_link *link)
{
        struct la_config config = {
                .connections = r->connections,
                .half_open = r->connections,
                .time_wait4 = TIME_WAIT_MAX,
                .time_wait6 = TIME_WAIT_MAX,
                .listeners = UP_SERVICES_MAX * 2,
                .chunk_bytes = CHUNK_BYTES,
                .chunks = CHUNKS,
                .reassemblies = r->connections,
                .paced = r->connections,
                .replies = 4096,
                .trace = TRACE_ENTRIES,
        };

        la_link_configure(&config, link);
        for (size_t i = r->addresses; i-- > 0;)
                memcpy(r->address[i].family == LA_IPV4 ? config.address4 : config.address6, r->address[i].bytes,
                       r->address[i].family == LA_IPV4 ? 4 : 16);
        return config;
}

static int
make_stack(struct up_worker *w, const struct up_request *r)
{
        struct la_config config = config_of(r, w->link);

        if (getrandom(config.seed, sizeof(config.seed), 0) != sizeof(config.seed))
                return -errno;
        w->block_bytes = la_stack_bytes(&config);
        if (w->block_bytes == 0)
                return -EINVAL;
        w->block =
                mmap(NULL, w->block_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (w->block == MAP_FAILED) {
                w->block = NULL;
                return -errno;
        }
        w->stack = la_stack_init(w->block, w->block_bytes, &config, la_clock());
        return w->stack ? 0 : -EINVAL;
}

/* A sentence names the tunable and its range. */
static int
set_knob(struct up_worker *w, const struct up_knob *k, bool dangerous, char *problem, size_t room)
{
        const char *why = NULL;
        enum la_error error = dangerous ? la_knob_set_dangerous(w->stack, k->name, k->value, &why)
                                        : la_knob_set(w->stack, k->name, k->value, &why);

        if (error == LA_OK)
                return 0;
        snprintf(problem, room, "--set %s=%s: %s%s", k->name, k->value, why ? _(why) : _(la_error_text(error)),
                 error == LA_ERR_DANGER ? _(" (--dangerous does it all the same)") : "");
        return -EINVAL;
}

static int
set_knobs(struct up_worker *w, const struct up_request *r, char *problem, size_t room)
{
        int status = 0;

        for (size_t i = 0; i < sizeof(usual_knobs) / sizeof(usual_knobs[0]) && status == 0; i++)
                status = set_knob(w, &usual_knobs[i], false, problem, room);
        for (size_t i = 0; i < r->knobs && status == 0; i++)
                status = set_knob(w, &r->knob[i], r->dangerous, problem, room);
        return status;
}

static int
start_services(struct up_worker *w, const struct up_request *r, struct serve_log *log, char *problem, size_t room)
{
        int status;

        for (; w->services < r->services; w->services++) {
                const struct serve_request *s = &r->service[w->services];

                status = serve_start(w->loop, s, log, &w->service[w->services]);
                if (status < 0) {
                        snprintf(problem, room, _("cannot serve %s on port %u: %s"), serve_kind_name(s->kind), s->port,
                                 strerror(-status));
                        return status;
                }
        }
        return 0;
}

static void
hear_stop(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        uint64_t times;

        (void)loop;
        (void)events;
        if (read(watch->fd, &times, sizeof(times)) < 0)
                return; /* somebody was faster: `stops` has the count */
}

/* Being woken on another processor takes longer than many an answer.  But who looks for packets again and again must not
 * do so in place of the program that will send them. */
static uint32_t
busy_poll_us(const struct up_request *r)
{
        cpu_set_t ours;

        if (r->busy_poll_us != UP_BUSY_POLL_UNSAID)
                return r->busy_poll_us;
        if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
                return 0;
        return (uint32_t)CPU_COUNT(&ours) > r->queues ? BUSY_POLL_US : 0;
}

static int
make_loop(struct up_worker *w, const struct up_request *r)
{
        int status = la_loop_new(w->stack, w->link, &w->loop);

        for (size_t i = 0; i < r->addresses && status == 0; i++)
                status = la_loop_address(w->loop, r->address[i].family, r->address[i].bytes, r->address[i].prefix);
        if (status < 0)
                return status;
        la_loop_busy_poll(w->loop, busy_poll_us(r));
        w->stop_watch = (struct la_watch){ .ready = hear_stop, .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
        return w->stop_watch.fd < 0 ? -errno : la_loop_watch(w->loop, &w->stop_watch, EPOLLIN);
}

int
up_worker_new(const struct up_request *r, struct la_link *link, struct serve_log *log, struct up_worker **ret_worker,
              char *problem, size_t room)
{
        struct up_worker *w = calloc(1, sizeof(*w));
        int status = -ENOMEM;

        problem[0] = '\0';
        if (!w) {
                la_link_close(link);
        } else {
                w->link = link;
                w->stop_watch.fd = -1;
                status = make_stack(w, r);
        }
        if (status == 0)
                status = make_loop(w, r);
        if (status == 0)
                status = set_knobs(w, r, problem, room);
        if (status == 0)
                status = start_services(w, r, log, problem, room);
        if (status == 0) {
                *ret_worker = w;
                return 0;
        }
        if (problem[0] == '\0')
                snprintf(problem, room, _("cannot make a stack for %u connections: %s"), r->connections,
                         strerror(-status));
        up_worker_free(w);
        return status;
}

int
up_worker_answer(struct up_worker *w, const char *name)
{
        return la_control_open(w->loop, name, "lastack up", &w->control);
}

void
up_worker_is_queue(struct up_worker *w, unsigned int queue, unsigned int queues)
{
        if (w->control)
                la_control_queue(w->control, queue, queues);
}

struct la_loop *
up_worker_loop(struct up_worker *w)
{
        return w->loop;
}

/* ---- Running ---------------------------------------------------------------------------------------------------------- */

static tcp_time
next_deadline(const struct up_worker *w)
{
        tcp_time first = LA_NEVER;

        for (size_t i = 0; i < w->services; i++) {
                tcp_time deadline = serve_deadline(w->service[i]);

                if (deadline < first)
                        first = deadline;
        }
        return first;
}

static void
advance_services(struct up_worker *w)
{
        unsigned int open = 0;

        for (size_t i = 0; i < w->services; i++) {
                serve_advance(w->service[i]);
                open += serve_counts(w->service[i]).open;
        }
        atomic_store_explicit(&w->open, open, memory_order_relaxed);
}

static void
stop_services(struct up_worker *w, bool abort)
{
        for (size_t i = 0; i < w->services; i++)
                serve_stop(w->service[i], abort);
}

static void
hear_stops(struct up_worker *w)
{
        int stops = atomic_load(&w->stops);

        if (stops > w->stops_done) {
                if (w->stops_done == 0)
                        w->stopped_at = la_clock();
                w->stops_done = stops;
                stop_services(w, stops > 1);
        }
}

/* What services have closed is not at its end yet: the last of it may still wait for a peer that reads slowly, and a peer
 * whose FIN nobody acknowledges is left asking. */
static bool
has_more_to_say(const struct up_worker *w)
{
        return la_state_count(w->stack, LA_FIN_WAIT_1) + la_state_count(w->stack, LA_FIN_WAIT_2) +
                       la_state_count(w->stack, LA_CLOSING) + la_state_count(w->stack, LA_LAST_ACK) >
               0;
}

static tcp_time
end_of_last_words(const struct up_worker *w)
{
        tcp_time patience = w->stopped_at + SERVE_STOP_MS * (tcp_time)1000, least = la_clock() + LAST_WORDS_US;

        return patience > least ? patience : least;
}

/* Whoever has not heard all of it by then is told that no more comes.  A round says whatever there is to say at once. */
static int
say_last_words(struct up_worker *w)
{
        tcp_time end = end_of_last_words(w);
        int status = 0;

        while ((status == 0 || status == -EINTR) && w->stops_done == 1 && has_more_to_say(w) && la_clock() < end) {
                status = la_loop_step(w->loop, end);
                hear_stops(w);
        }
        la_abort_orphans(w->stack, la_clock());
        return status == 0 || status == -EINTR ? la_loop_step(w->loop, la_clock()) : status;
}

/* A failed link has no way to say it to the peers; a signal is somebody else's. */
int
up_worker_run(struct up_worker *w)
{
        int status = 0;

        do {
                status = la_loop_step(w->loop, next_deadline(w));
                hear_stops(w);
                advance_services(w);
        } while ((status == 0 || status == -EINTR) && (w->stops_done == 0 || (w->stops_done == 1 && w->open > 0)));
        if (status == 0 || status == -EINTR)
                status = say_last_words(w);
        w->status = status == -EINTR ? 0 : status;
        return w->status;
}

/* Nobody is to wait for answers of a thread that has ended. */
static void *
run_in_thread(void *worker)
{
        struct up_worker *w = worker;

        up_worker_run(w);
        la_control_close(w->control);
        w->control = NULL;
        return NULL;
}

int
up_worker_start(struct up_worker *w)
{
        int error = pthread_create(&w->thread, NULL, run_in_thread, w);

        w->in_thread = error == 0;
        return -error;
}

void
up_worker_stop(struct up_worker *w)
{
        uint64_t one = 1;

        atomic_fetch_add(&w->stops, 1);
        if (write(w->stop_watch.fd, &one, sizeof(one)) < 0)
                return; /* the count stands; the loop looks at it after each round */
}

uint32_t
up_worker_open(const struct up_worker *w)
{
        return atomic_load_explicit(&w->open, memory_order_relaxed);
}

int
up_worker_free(struct up_worker *w)
{
        int status;

        if (!w)
                return 0;
        if (w->in_thread)
                pthread_join(w->thread, NULL);
        for (size_t i = 0; i < w->services; i++)
                serve_free(w->service[i]);
        la_control_close(w->control);
        la_loop_free(w->loop);
        la_link_close(w->link);
        if (w->stop_watch.fd >= 0)
                close(w->stop_watch.fd);
        if (w->block)
                munmap(w->block, w->block_bytes);
        status = w->status;
        free(w);
        return status;
}
