# Written by generate.py from model.py; README.md says how to read it.
segment SF text 100

# from LISTEN
given SYN_RECEIVED passive
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                           SEG.ACK  TSval  verdict                      answer       state         SND.UNA  RCV.NXT  transitions                   RFC 9293
  rcv-far,rcv-1000,end,end+1000     -        none   NOT_ACCEPTABLE               A(snd,rcv)   SYN_RECEIVED  una      rcv      -                             3.10.7.4 first
  rcv-100                           -        none   SYN_CHALLENGED               A(snd,rcv)   SYN_RECEIVED  una      rcv      -                             RFC 5961 4.2 [1]
  rcv-1                             -        none   SYN_RECEIVED_SYN_AGAIN       SA(una,rcv)  SYN_RECEIVED  una      rcv      -                             3.10.7.4 first [2]
  rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_RECEIVED_BACK_TO_LISTEN  -            LISTEN        -        -        SYN_RECEIVED_RCV_SYN_PASSIVE  3.10.7.4 fourth
# [1] its text reaches into the window, its SYN does not lie there and is cut off (first step): no reason to
#     forget the half-open connection
# [2] the acknowledgment that step one asks for, made with the SYN that the peer seems to have missed: an ACK
#     alone would mean nothing to it in SYN_SENT

# from SYN_SENT, the SYNs crossed
given SYN_RECEIVED active
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state         SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   -        none   NOT_ACCEPTABLE  A(snd,rcv)  SYN_RECEIVED  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_CHALLENGED  A(snd,rcv)  SYN_RECEIVED  una      rcv      -            RFC 5961 4.2

# from TIME_WAIT, by a new SYN
given SYN_RECEIVED reopened
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                           SEG.ACK  TSval  verdict                      answer       state         SND.UNA  RCV.NXT  transitions                   RFC 9293
  rcv-far,rcv-1000,end,end+1000     -        none   NOT_ACCEPTABLE               A(snd,rcv)   SYN_RECEIVED  una      rcv      -                             3.10.7.4 first
  rcv-100                           -        none   SYN_CHALLENGED               A(snd,rcv)   SYN_RECEIVED  una      rcv      -                             RFC 5961 4.2 [1]
  rcv-1                             -        none   SYN_RECEIVED_SYN_AGAIN       SA(una,rcv)  SYN_RECEIVED  una      rcv      -                             3.10.7.4 first [2]
  rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_RECEIVED_BACK_TO_LISTEN  -            LISTEN        -        -        SYN_RECEIVED_RCV_SYN_PASSIVE  3.10.7.4 fourth [3]
# [1] its text reaches into the window, its SYN does not lie there and is cut off (first step): no reason to
#     forget the half-open connection
# [2] the acknowledgment that step one asks for, made with the SYN that the peer seems to have missed: an ACK
#     alone would mean nothing to it in SYN_SENT
# [3] this says nothing of the first SYN being an old duplicate (RFC 1122 4.2.2.13 (2)): not back to TIME_WAIT
