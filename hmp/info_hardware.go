package hmp

func (c *call) infoChardev() error {
	list, err := c.commands().QueryChardev(c.ctx)
	for _, d := range list {
		c.out.printf("%s: filename=%s\n", d.Label, d.Filename)
	}
	return err
}

func (c *call) infoCPUs() error {
	list, err := c.commands().QueryCpusFast(c.ctx)
	for _, cpu := range list {
		mark := ' '
		if cpu.CPUIndex == c.cpu {
			mark = '*'
		}
		c.out.printf("%c CPU #%d: thread_id=%d\n", mark, cpu.CPUIndex, cpu.ThreadID)
	}
	return err
}

func (c *call) infoIOThreads() error {
	list, err := c.commands().QueryIothreads(c.ctx)
	for _, t := range list {
		c.out.printf("%s:\n  thread_id=%d\n  poll-max-ns=%d\n  poll-grow=%d\n  poll-shrink=%d\n  aio-max-batch=%d\n",
			t.ID, t.ThreadID, t.PollMaxNs, t.PollGrow, t.PollShrink, t.AioMaxBatch)
	}
	return err
}

func (c *call) infoKVM() error {
	info, err := c.commands().QueryKvm(c.ctx)
	switch {
	case err != nil:
	case !info.Present:
		c.out.print("kvm support: not compiled\n")
	case info.Enabled:
		c.out.print("kvm support: enabled\n")
	default:
		c.out.print("kvm support: disabled\n")
	}
	return err
}

func (c *call) infoMemdev() error {
	list, err := c.commands().QueryMemdev(c.ctx)
	if err != nil {
		return err
	}
	for i := range list {
		m := &list[i]
		id := ""
		if m.ID != nil {
			id = *m.ID
		}
		c.out.printf("memory backend: %s\n  size:  %d\n  merge: %t\n  dump: %t\n  prealloc: %t\n  share: %t\n",
			id, m.Size, m.Merge, m.Dump, m.Prealloc, m.Share)
		if m.Reserve != nil {
			c.out.printf("  reserve: %t\n", *m.Reserve)
		}
		nodes := make([]uint32, len(m.HostNodes))
		for i, n := range m.HostNodes {
			nodes[i] = uint32(n)
		}
		c.out.printf("  policy: %s\n  host nodes: %s\n", m.Policy, numberList(nodes))
	}
	c.out.print("\n")
	return nil
}

func (c *call) infoMemorySize() error {
	info, err := c.commands().QueryMemorySizeSummary(c.ctx)
	if err != nil {
		return err
	}
	c.out.printf("base memory: %d\n", info.BaseMemory)
	printIf(c, "plugged memory: %d\n", info.PluggedMemory)
	return nil
}

func (c *call) infoRAMBlock() error {
	info, err := c.commands().XQueryRamblock(c.ctx)
	if err == nil {
		c.out.print(info.HumanReadableText)
	}
	return err
}
