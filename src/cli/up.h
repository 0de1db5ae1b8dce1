/* SPDX-License-Identifier: BSD-2-Clause */
/* up.h - `lastack up`: what was asked for, and the parts that bring it about, a file each. */
#ifndef LASTACK_CLI_UP_H
#define LASTACK_CLI_UP_H

#include <stdbool.h>
#include <sys/types.h>

#include "lastack/link.h"
#include "serve/serve.h"

#define UP_ADDRESSES_MAX 64
#define UP_SERVICES_MAX  64
#define UP_KNOBS_MAX     64
#define UP_QUEUES_MAX    64

#define UP_BUSY_POLL_UNSAID UINT32_MAX

struct up_address {
        enum la_family family;
        uint8_t bytes[16];
        unsigned int prefix;
};

struct up_knob {
        const char *name, *value;
};

struct up_request {
        const char *name;                                                    /* of the stack, and of its interface */
        struct up_address address[UP_ADDRESSES_MAX], host[UP_ADDRESSES_MAX]; /* the stack's; the kernel's end's */
        size_t addresses, hosts;
        struct serve_request service[UP_SERVICES_MAX];
        size_t services;
        struct up_knob knob[UP_KNOBS_MAX];
        size_t knobs;
        bool dangerous;                                  /* knobs, too, that la_knob_set() refuses */
        uint32_t mtu, queues, connections, busy_poll_us; /* the last: or UP_BUSY_POLL_UNSAID */
        bool plain, tap, unshare, quiet;
        const char *xdp; /* an interface to share, instead of one that is made; NULL: none */
        enum la_xdp_mode xdp_mode;
        bool trust_checksums;                 /* of xdp */
        struct up_address gateway4, gateway6; /* of tap and xdp; zeros: none */
        const char *pcap;
        int ready_fd;   /* a byte is written to it once all is up; -1: none */
        char **command; /* to run once it is, ended by NULL; NULL: none */
};

/* ---- up_address.c ---- */

/* "10.77.0.2/24"; false, and *ret_problem a sentence, if it is none that one host can have. */
bool up_address_parse(const char *text, struct up_address *ret_address, const char **ret_problem);

/* One of the list, whatever its network. */
bool up_address_is_in(const struct up_address *list, size_t n, const struct up_address *a);

/* The other lies in the network of the first. */
bool up_address_is_near(const struct up_address *a, const struct up_address *other);

/* Which address the kernel's end of the interface has where none was said: the network's first that is not ours.  False
 * if the network has no other. */
bool up_address_of_host(const struct up_request *r, const struct up_address *ours, struct up_address *ret_address);

char *up_address_text(const struct up_address *address, char text[64]); /* without the prefix */

/* ---- up_interface.c ---- */

struct la_tun_config up_tun_config(const struct up_request *r);

/* Makes the interface here, with its addresses, or opens the one to share.  Returns 0 or a status to exit with, having
 * said why. */
int up_interface_open(const struct up_request *r, struct la_link **ret_links);

/* Says what could not be made, and the way out; returns the status to exit with. */
int up_interface_complain(const struct up_request *r, const char *what, int error);

/* ---- up_namespace.c ---- */

/* A process that holds network namespaces of their own, in which the interface is and the command runs. */
struct up_namespace {
        pid_t pid;
        int go_fd; /* a byte to it starts the command */
};

/* Makes namespaces, and the interface in them; its descriptors are in ret_fds.  Returns 0, or a negative errno with what
 * could not be done in *ret_what.  Must be called before threads are started. */
int
up_namespace_make(const struct up_request *r, struct up_namespace *ret_namespace, int *ret_fds, const char **ret_what);

/* The same without namespaces: a process that waits for its go and then runs the command. */
int up_command_hold(const struct up_request *r, struct up_namespace *ret_namespace);

/* ---- up_worker.c ---- */

/* A queue of the interface with its stack and services; each is a thread, the first the main one. */
struct up_worker;

/* The link is the worker's from now on, and closed if this fails.  Returns 0, or a negative errno with a sentence in `problem`. */
int up_worker_new(const struct up_request *request, struct la_link *link, struct serve_log *log,
                  struct up_worker **ret_worker, char *problem, size_t room);
struct la_loop *up_worker_loop(struct up_worker *worker);

/* Lets its stack be looked at under this name.  Returns 0 or a negative errno as la_control_open() has them. */
int up_worker_answer(struct up_worker *worker, const char *name);

/* It is one of several, which are looked at as one.  Once all answer, and before any runs. */
void up_worker_is_queue(struct up_worker *worker, unsigned int queue, unsigned int queues);

/* Starts its thread; not for the one that runs in the caller's. */
int up_worker_start(struct up_worker *worker);

/* Runs until up_worker_stop() and the end of what was there.  Returns 0, or a negative errno when the link failed. */
int up_worker_run(struct up_worker *worker);

/* From any thread.  The second call aborts. */
void up_worker_stop(struct up_worker *worker);

/* How many connections its services still have. */
uint32_t up_worker_open(const struct up_worker *worker);

/* Waits for its thread, if it has one, resets what is left and frees it. */
int up_worker_free(struct up_worker *worker);

/* ---- up_run.c ---- */

int up_run(const struct up_request *request);

#endif
