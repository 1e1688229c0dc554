// Package blockmigration is the mover of whole disks, which QEMUs up to 9.0
// have: Saver and Loader of the section block. A disk goes in pieces, all of them
// once while the VM runs, and then those that it wrote since.
package blockmigration
