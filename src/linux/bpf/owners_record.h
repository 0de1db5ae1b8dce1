/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owners_record.h - what owners.bpf.c writes for each socket: struct holding, for a compiler without a C library.
 */
#ifndef LASTACK_LINUX_BPF_OWNERS_RECORD_H
#define LASTACK_LINUX_BPF_OWNERS_RECORD_H

struct owners_record {
        unsigned int inode;
        int pid;
        int fd;
        char comm[16];
};

#endif
