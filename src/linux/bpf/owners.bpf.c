/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * owners.bpf.c - every descriptor that is a socket, with its process: run by the kernel's iterator task_file for each
 * open file of each process of the reader's PID namespace, once for threads that share them.
 */
#include "types.h"

#include <bpf/bpf_helpers.h>

#include "owners_record.h"

/* Of the kernel's structures, the members used here; where they lie is found out when the program is loaded (CO-RE). */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

struct bpf_iter_meta {
        struct seq_file *seq;
};

struct inode {
        unsigned short i_mode;
        unsigned long i_ino;
};

struct file {
        struct inode *f_inode;
};

struct pid_namespace;

struct upid {
        int nr;
        struct pid_namespace *ns;
};

struct pid {
        unsigned int level;
        struct upid numbers[1];
};

struct task_struct {
        struct task_struct *group_leader;
        struct pid *thread_pid;
        char comm[16];
};

struct bpf_iter__task_file {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
        unsigned int fd;
        struct file *file;
};

#pragma clang attribute pop

/* stat(2) */
#define S_IFMT   0170000
#define S_IFSOCK 0140000

static inline int
is_socket(const struct file *file)
{
        return (file->f_inode->i_mode & S_IFMT) == S_IFSOCK;
}

/* A process has a number in each PID namespace from the first one down to its own; the reader knows it by the one at
 * the reader's level. */
static inline int
pid_as_we_know_it(const struct task_struct *process)
{
        const struct task_struct *reader = bpf_get_current_task_btf();
        int pid = 0;
        bpf_probe_read_kernel(&pid, sizeof(pid), &process->thread_pid->numbers[reader->thread_pid->level].nr);
        return pid;
}

SEC("iter/task_file")
int
each_descriptor(struct bpf_iter__task_file *at)
{
        const struct task_struct *task = at->task; /* once: read again, it might be null again to the verifier */
        const struct file *file = at->file;
        if (!task || !file || !is_socket(file))
                return 0;

        const struct task_struct *process = task->group_leader;
        struct owners_record record = {
                .inode = (unsigned int)file->f_inode->i_ino,
                .pid = pid_as_we_know_it(process),
                .fd = (int)at->fd,
        };
        bpf_probe_read_kernel(record.comm, sizeof(record.comm), process->comm);
        bpf_seq_write(at->meta->seq, &record, sizeof(record));
        return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
