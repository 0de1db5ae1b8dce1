# Written by generate.py from model.py; README.md says how to read it.
segment A text 100

# from LISTEN
given SYN_RECEIVED passive
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                SEG.ACK                                             TSval  verdict               answer           state         SND.UNA  RCV.NXT  transitions           RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000  *                                                   none   NOT_ACCEPTABLE        A(snd,rcv)       SYN_RECEIVED  una      rcv      -                     3.10.7.4 first
  rcv-1                                  una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv-1                                  snd                                                 none   GO_ON                 ~A(snd,rcv+99)   ESTABLISHED   ack      rcv+99   SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv                                    una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv                                    snd                                                 none   GO_ON                 ~A(snd,rcv+100)  ESTABLISHED   ack      rcv+100  SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv+1,rcv+1000,end-100,end-1           una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv+1,rcv+1000,end-100,end-1           snd                                                 none   GO_ON                 A(snd,rcv)       ESTABLISHED   ack      rcv      SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
# [1] RFC 5961 5.2 would have an ACK sent back; 3.5.2 counts SYN_RECEIVED among the states that reset, and so
#     does this step

# from SYN_SENT, the SYNs crossed
given SYN_RECEIVED active
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                SEG.ACK                                             TSval  verdict               answer           state         SND.UNA  RCV.NXT  transitions           RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000  *                                                   none   NOT_ACCEPTABLE        A(snd,rcv)       SYN_RECEIVED  una      rcv      -                     3.10.7.4 first
  rcv-1                                  una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv-1                                  snd                                                 none   GO_ON                 ~A(snd,rcv+99)   ESTABLISHED   ack      rcv+99   SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv                                    una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv                                    snd                                                 none   GO_ON                 ~A(snd,rcv+100)  ESTABLISHED   ack      rcv+100  SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv+1,rcv+1000,end-100,end-1           una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv+1,rcv+1000,end-100,end-1           snd                                                 none   GO_ON                 A(snd,rcv)       ESTABLISHED   ack      rcv      SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
# [1] RFC 5961 5.2 would have an ACK sent back; 3.5.2 counts SYN_RECEIVED among the states that reset, and so
#     does this step

# from TIME_WAIT, by a new SYN
given SYN_RECEIVED reopened
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                SEG.ACK                                             TSval  verdict               answer           state         SND.UNA  RCV.NXT  transitions           RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000  *                                                   none   NOT_ACCEPTABLE        A(snd,rcv)       SYN_RECEIVED  una      rcv      -                     3.10.7.4 first
  rcv-1                                  una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv-1                                  snd                                                 none   GO_ON                 ~A(snd,rcv+99)   ESTABLISHED   ack      rcv+99   SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv                                    una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv                                    snd                                                 none   GO_ON                 ~A(snd,rcv+100)  ESTABLISHED   ack      rcv+100  SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh
  rcv+1,rcv+1000,end-100,end-1           una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv+1,rcv+1000,end-100,end-1           snd                                                 none   GO_ON                 A(snd,rcv)       ESTABLISHED   ack      rcv      SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
# [1] RFC 5961 5.2 would have an ACK sent back; 3.5.2 counts SYN_RECEIVED among the states that reset, and so
#     does this step
