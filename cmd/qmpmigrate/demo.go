package main

import "io"

func demoMain([]string, io.Writer, io.Writer) int { return 1 }
