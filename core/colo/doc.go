// Package colo is what two machines in lock step have of their own: the talk of
// primary and secondary, the secondary's copy of its primary's memory, and how a
// failover goes. Who stops and starts VMs is not here.
package colo
