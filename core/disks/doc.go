// Package disks is a machine's disks as tools see them: the drives and nodes of
// the command line, and the commands that make, show and change nodes and their
// bitmaps. What a disk is, is in package block.
package disks
