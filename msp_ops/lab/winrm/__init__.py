"""A Windows host's WinRM as far as it can be had without Windows: real HTTP, real NTLM, real faults, answers passed in.

It speaks MS-WSMV on loopback with the six operations of a remote shell. It is not Windows: what a command does and says
is its handler's, and whoever writes a handler says where its text comes from (`answers.Source`).
"""
