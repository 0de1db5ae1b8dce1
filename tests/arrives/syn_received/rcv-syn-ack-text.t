# Written by generate.py from model.py; README.md says how to read it.
segment SA text 100

# from LISTEN
given SYN_RECEIVED passive
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                           SEG.ACK  TSval  verdict                      answer      state         SND.UNA  RCV.NXT  transitions                   RFC 9293
  rcv-far,rcv-1000,end,end+1000     *        none   NOT_ACCEPTABLE               A(snd,rcv)  SYN_RECEIVED  una      rcv      -                             3.10.7.4 first
  rcv-100,rcv-1                     *        none   SYN_CHALLENGED               A(snd,rcv)  SYN_RECEIVED  una      rcv      -                             RFC 5961 4.2 [1]
  rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_RECEIVED_BACK_TO_LISTEN  -           LISTEN        -        -        SYN_RECEIVED_RCV_SYN_PASSIVE  3.10.7.4 fourth
# [1] its text reaches into the window, its SYN does not lie there and is cut off (first step): no reason to
#     forget the half-open connection

# from SYN_SENT, the SYNs crossed
given SYN_RECEIVED active
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                   SEG.ACK                                             TSval  verdict               answer           state         SND.UNA  RCV.NXT  transitions           RFC 9293
  rcv-far,rcv-1000,end,end+1000             *                                                   none   NOT_ACCEPTABLE        A(snd,rcv)       SYN_RECEIVED  una      rcv      -                     3.10.7.4 first
  rcv-100,rcv,rcv+1,rcv+1000,end-100,end-1  *                                                   none   SYN_CHALLENGED        A(snd,rcv)       SYN_RECEIVED  una      rcv      -                     RFC 5961 4.2
  rcv-1                                     una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000  none   SYN_RECEIVED_BAD_ACK  R(ack)           SYN_RECEIVED  una      rcv      -                     3.10.7.4 fifth [1]
  rcv-1                                     snd                                                 none   GO_ON                 ~A(snd,rcv+100)  ESTABLISHED   ack      rcv+100  SYN_RECEIVED_RCV_ACK  3.10.7.4 seventh [2]
# [1] RFC 5961 5.2 would have an ACK sent back; 3.5.2 counts SYN_RECEIVED among the states that reset, and so
#     does this step
# [2] table 6 refuses it, figure 7 has it complete the handshake (see A.2): as in the figure

# from TIME_WAIT, by a new SYN
given SYN_RECEIVED reopened
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                           SEG.ACK  TSval  verdict                      answer      state         SND.UNA  RCV.NXT  transitions                   RFC 9293
  rcv-far,rcv-1000,end,end+1000     *        none   NOT_ACCEPTABLE               A(snd,rcv)  SYN_RECEIVED  una      rcv      -                             3.10.7.4 first
  rcv-100,rcv-1                     *        none   SYN_CHALLENGED               A(snd,rcv)  SYN_RECEIVED  una      rcv      -                             RFC 5961 4.2 [1]
  rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_RECEIVED_BACK_TO_LISTEN  -           LISTEN        -        -        SYN_RECEIVED_RCV_SYN_PASSIVE  3.10.7.4 fourth [2]
# [1] its text reaches into the window, its SYN does not lie there and is cut off (first step): no reason to
#     forget the half-open connection
# [2] this says nothing of the first SYN being an old duplicate (RFC 1122 4.2.2.13 (2)): not back to TIME_WAIT
