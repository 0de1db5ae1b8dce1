/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change.h - a change of tunables, and the journal that it is written to.
 *
 * The journal is a file of lines, one for each change.  It is made, on the disk, before anything is written to the
 * kernel, and holds what every tunable was and what it is to be; then a line is added before and after each step:
 *
 *         lastack-change 1
 *         time 1795879680
 *         boot 0b1d...                    the kernel's boot_id: values do not outlive it
 *         user root (uid 0)
 *         netns 4026531840 1 -            inode, is it the host's first, and how it was asked for
 *         why tcp_tw_reuse=1
 *         confirm-within 300              where asked for
 *         persist DIRECTORY               where asked for
 *         set net.ipv4.tcp_tw_reuse<TAB>2<TAB>1<TAB>1   name, before, after, and what a rehearsal read back
 *         writing 0
 *         wrote 0<TAB>1                   what was read back
 *         applied
 *         confirmed, persisted, undoing, restored 0, left 0<TAB>VALUE, undone WHY
 *
 * So at whatever point everything stops, the journal and the kernel's values together tell what is left to do.
 */
#ifndef LASTACK_TUNE_CHANGE_H
#define LASTACK_TUNE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tune_step {
        char *name, *before, *after;
        char *rehearsed; /* what the kernel made of `after` elsewhere; NULL: not known */
        char *wrote;     /* what it made of it here; NULL: not written, or nobody looked any more */
        bool begun;      /* it may have been written */
        bool restored;   /* it is as before */
        char *left;      /* rolling back found this, which is not ours, and left it; NULL: it did not */
};

struct tune_change {
        unsigned int id;
        int64_t time; /* seconds since 1970 */
        char *boot;
        char *user, *why;
        uint32_t netns; /* inode */
        bool first_netns;
        char *netns_name;          /* as it was asked for; "-" for where the command ran */
        uint32_t confirm_within_s; /* 0: not asked for */
        char *persist;             /* the directory; NULL: not asked for */
        char *journals;            /* where this is written, if that was named; NULL: as usual */
        struct tune_step *step;
        size_t step_count;

        bool applied, confirmed, persisted, undone;
        bool persist_left; /* the file under `persist` was changed by somebody and left */
        char *undone_why;  /* "asked", "refused", "unconfirmed" */
};

enum tune_change_state {
        TUNE_CHANGE_IN_FORCE,
        TUNE_CHANGE_WAITS,       /* for confirmation */
        TUNE_CHANGE_INTERRUPTED, /* neither done nor undone */
        TUNE_CHANGE_UNDONE,
        TUNE_CHANGE_UNDONE_PARTLY, /* but for what somebody else has changed since */
        TUNE_CHANGE_REBOOTED,      /* a reboot undid it */
};

enum tune_change_state tune_change_state(const struct tune_change *c, const char *boot);

/* A word for machines: "in-force", "waiting", ... */
const char *tune_change_state_id(enum tune_change_state state);

/* The journal's first part, up to the steps, to be freed; NULL without memory. */
char *tune_change_text(const struct tune_change *c);

/* Reads a journal.  Lines that make no sense, as a crash may leave the last one, are passed over.  Returns 0; -EBADMSG
 * if it is no journal; or -ENOMEM. */
int tune_change_parse(const char *text, size_t size, struct tune_change *ret);

/* Adds a step; the texts are copied.  False without memory. */
bool
tune_change_add(struct tune_change *c, const char *name, const char *before, const char *after, const char *rehearsed);

/* The file for sysctl.d that makes the change outlive a reboot, to be freed; NULL without memory. */
char *tune_change_conf(const struct tune_change *c);

/* Its name, "99-lastack-0012.conf". */
#define TUNE_CONF_NAME_SIZE 40
void tune_change_conf_name(const struct tune_change *c, char ret[TUNE_CONF_NAME_SIZE]);

void tune_change_fini(struct tune_change *c);

/* This boot's id; "" if it cannot be read.  Lives as long as the program. */
const char *tune_boot_id(void);

#endif
