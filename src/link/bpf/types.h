/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * types.h - the types that bpf/bpf_helpers.h expects from linux/types.h, which a compiler for BPF often cannot find.
 */
#ifndef LASTACK_LINK_BPF_TYPES_H
#define LASTACK_LINK_BPF_TYPES_H

typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16, __be16;
typedef int __s32;
typedef unsigned int __u32, __be32, __wsum;
typedef long long __s64;
typedef unsigned long long __u64;

#endif
