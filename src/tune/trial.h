/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial.h - the same workload before and after a change, on this very kernel, in network namespaces that are thrown away.
 *
 * Each side is a process of its own with two namespaces and a cable between them, in which the tunables are set as they
 * are here, and on the second side as they would be.  Nothing of it outlives the caller, however that ends.
 */
#ifndef LASTACK_TUNE_TRIAL_H
#define LASTACK_TUNE_TRIAL_H

#include "linux/throwaway.h"
#include "tune/conf.h"
#include "tune/evidence.h"

enum tune_workload {
        TUNE_WORK_PORTS,       /* connect and close, as fast as it goes: ports, TIME_WAIT */
        TUNE_WORK_ACCEPT,      /* a burst of connections at a server that accepts slowly: the accept queue */
        TUNE_WORK_FLOOD,       /* SYNs of forged addresses, and connections among them: half-open ones */
        TUNE_WORK_HALF_CLOSED, /* connections that this end has closed and the other has not: FIN_WAIT_2 */
        TUNE_WORK_COUNT
};

#define TUNE_TRIAL_FOR_MOST_S 60
#define TUNE_TRIAL_SETTINGS   32
#define TUNE_TRIAL_ERRORS     8

/* Counters of the kernel that a trial may move. */
#define TUNE_TRIAL_COUNTERS(X) \
        X(TWRecycled)          \
        X(TCPTimeWaitOverflow) \
        X(ListenOverflows)     \
        X(ListenDrops)         \
        X(SyncookiesSent)      \
        X(SyncookiesRecv)      \
        X(TCPReqQFullDoCookies) X(TCPReqQFullDrop) X(TCPSynRetrans) X(TCPAbortOnMemory) X(TCPAbortOnTimeout)

enum tune_trial_counter {
#define TUNE_TRIAL_COUNTER(name) TUNE_COUNTER_##name,
        TUNE_TRIAL_COUNTERS(TUNE_TRIAL_COUNTER)
#undef TUNE_TRIAL_COUNTER
                TUNE_COUNTER_COUNT
};

struct tune_trial {
        enum tune_workload workload;
        uint32_t for_s;       /* each side, at most */
        uint32_t connections; /* each side, at most */
        uint32_t backlog;     /* that the server asks listen() for */
        bool small_range;     /* a few hundred ports instead of the real range */
};

#define TUNE_TRIAL_RANGE "32768 33267" /* the small one: 500 ports */
#define TUNE_TRIAL_PORTS 500

/* What one side saw. */
struct tune_trial_side {
        int error; /* why there is nothing: negative errno */
        bool one_namespace;
        uint32_t tried, made;
        uint64_t took_us;
        bool ports_out;
        uint32_t made_until_out; /* connections until the first EADDRNOTAVAIL, and the time */
        uint64_t until_out_us;
        uint32_t median_us, p99_us, longest_us; /* of connect(), where it succeeded */
        struct {
                int error;
                uint32_t count;
        } failed[TUNE_TRIAL_ERRORS];
        uint64_t client[LA_STATE_COUNT], server[LA_STATE_COUNT]; /* sockets, at the end */
        uint64_t counted[TUNE_COUNTER_COUNT];                    /* at both ends together */
        int refused[TUNE_TRIAL_SETTINGS];                        /* by setting: negative errno, 0 for taken */
};

/* The workload that shows what a setting does; false, and TUNE_WORK_PORTS, if none is known to. */
bool tune_trial_workload(const char *name, enum tune_workload *ret);

/* How long a side has to run until what these settings do can be seen in that workload; 0: it shows at once. */
uint32_t tune_trial_needs_s(enum tune_workload workload, const struct tune_evidence *e, const struct tune_conf *conf);

/* Why a trial that has run could not show what setting `i` does, with what would, to be freed; NULL if it could, or without
 * memory. */
char *tune_trial_unseen(const struct tune_trial *t, const struct tune_evidence *e, const struct tune_conf *conf,
                        size_t i, const struct tune_trial_side side[2]);

/* A word for each workload: "ports", ...; and back, false for none. */
const char *tune_workload_id(enum tune_workload workload);
bool tune_workload_named(const char *id, enum tune_workload *ret);

/* Runs one side: the tunables as in `e`, and then those of `conf` (NULL: none).  Returns 0 with *ret filled, whose `error`
 * says whether there was a run; or a negative errno. */
int tune_trial_run(const struct tune_trial *t, const struct tune_evidence *e, const struct tune_conf *conf,
                   struct tune_trial_side *ret);

const char *tune_trial_counter_name(enum tune_trial_counter counter);

/* ---- For the workloads ---- */

struct tune_work {
        const struct tune_trial *trial;
        struct throwaway_pair pair;
        struct tune_trial_side *side;
        uint64_t begun_us, deadline_us;
        uint64_t ended_us;    /* when the work was done, if that was before it returned */
        uint32_t *latency_us; /* of each connection made */
};

#define TUNE_BACKLOG_USUAL 128 /* as an application asks for */
#define TUNE_BACKLOG_MOST  65535

uint64_t tune_now_us(void);
void tune_work_failed(struct tune_work *w, int error);
void tune_work_made(struct tune_work *w, uint64_t took_us);

/* Waits until packets pass, a second at most: a cable needs a moment, and addresses have to be found. */
void tune_work_warm_up(void);

/* Each does its work until the deadline, or until all connections were tried.  Returns 0 or a negative errno. */
int tune_work_ports(struct tune_work *w);
int tune_work_accept(struct tune_work *w);
int tune_work_flood(struct tune_work *w);
int tune_work_half_closed(struct tune_work *w);

/* A server of its own in the server's namespace, that ends with the caller: it listens with the trial's backlog, accepts
 * one connection each `pause_us`, and closes each when the client has, or, if it is to hold them, never.  Returns its
 * process id, or a negative errno. */
pid_t tune_work_server(struct tune_work *w, uint32_t pause_us, bool hold);

#define TUNE_WORK_PORT 7777

#endif
