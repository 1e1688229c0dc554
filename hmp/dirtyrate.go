package hmp

import "qmpmigrate/qapi"

func dirtyRateCommands() table {
	return table{
		{
			name:   "calc_dirty_rate",
			args:   parseArguments("dirty_ring:-r,dirty_bitmap:-b,second:l,sample_pages_per_GB:l?"),
			params: "[-r] [-b] second [sample_pages_per_GB]",
			help: "start a round of guest dirty rate measurement (using -r to\n\t\t\t specify dirty ring as the method of calculation and" +
				"\n\t\t\t -b to specify dirty bitmap as method of calculation)",
			run: (*call).calcDirtyRate,
		},
		{
			name: "set_vcpu_dirty_limit", args: parseArguments("dirty_rate:l,cpu_index:l?"), params: "dirty_rate [cpu_index]",
			help: "set dirty page rate limit, use cpu_index to set limit\n\t\t\t\t\t on a specified virtual cpu",
			run:  (*call).setDirtyLimit,
		},
		{
			name: "cancel_vcpu_dirty_limit", args: parseArguments("cpu_index:l?"), params: "[cpu_index]",
			help: "cancel dirty page rate limit, use cpu_index to cancel\n\t\t\t\t\t limit on a specified virtual cpu",
			run:  (*call).cancelDirtyLimit,
		},
	}
}

func infoDirtyRateCommands() table {
	return table{
		{name: "dirty_rate", help: "show dirty rate information", run: (*call).infoDirtyRate},
		{
			name: "vcpu_dirty_limit", help: "show dirty page limit information of all vCPU",
			run: (*call).infoDirtyLimit,
		},
	}
}

func (c *call) calcDirtyRate() error {
	seconds, ring, bitmap := c.args.number("second"), c.args.flag("dirty_ring"), c.args.flag("dirty_bitmap")
	mode := qapi.DirtyRateMeasureModePageSampling
	switch {
	case seconds == 0:
		c.out.print("Incorrect period length specified!\n")
		return nil
	case ring && bitmap:
		c.out.print("Either dirty ring or dirty bitmap can be specified!\n")
		return nil
	case bitmap:
		mode = qapi.DirtyRateMeasureModeDirtyBitmap
	case ring:
		mode = qapi.DirtyRateMeasureModeDirtyRing
	}
	err := c.commands().CalcDirtyRate(c.ctx, &qapi.CalcDirtyRateArgs{
		CalcTime: seconds, SamplePages: c.unlessMinusOne("sample_pages_per_GB"), Mode: &mode,
	})
	if err == nil {
		c.out.printf("Starting dirty rate measurement with period %d seconds\n", seconds)
		c.out.print("[Please use 'info dirty_rate' to check results]\n")
	}
	return err
}

// unlessMinusOne is an optional number; -1 counts as absent.
func (c *call) unlessMinusOne(name string) *int64 {
	n := given[int64](c.args, name)
	if n != nil && *n == -1 {
		return nil
	}
	return n
}

func (c *call) setDirtyLimit() error {
	rate := c.args.number("dirty_rate")
	if rate < 0 {
		return qapi.Errorf("invalid dirty page limit %d", rate)
	}
	return c.commands().SetVCPUDirtyLimit(c.ctx, &qapi.SetVCPUDirtyLimitArgs{
		CPUIndex: c.unlessMinusOne("cpu_index"), DirtyRate: uint64(rate),
	})
}

func (c *call) cancelDirtyLimit() error {
	err := c.commands().CancelVCPUDirtyLimit(c.ctx, &qapi.CancelVCPUDirtyLimitArgs{
		CPUIndex: c.unlessMinusOne("cpu_index"),
	})
	if err == nil {
		c.out.print("[Please use 'info vcpu_dirty_limit' to query dirty limit for virtual CPU]\n")
	}
	return err
}

func (c *call) infoDirtyRate() error {
	info, err := c.commands().QueryDirtyRate(c.ctx, &qapi.QueryDirtyRateArgs{})
	if err != nil {
		return err
	}
	c.out.printf("Status: %s\nStart Time: %d (ms)\n", info.Status, info.StartTime)
	if info.Mode == qapi.DirtyRateMeasureModePageSampling {
		c.out.printf("Sample Pages: %d (per GB)\n", info.SamplePages)
	}
	c.out.printf("Period: %d (sec)\nMode: %s\n", info.CalcTime, info.Mode)
	if info.DirtyRate == nil {
		c.out.print("Dirty rate: (not ready)\n")
		return nil
	}
	c.out.printf("Dirty rate: %d (MB/s)\n", *info.DirtyRate)
	for _, vcpu := range info.VCPUDirtyRate {
		c.out.printf("vcpu[%d], Dirty rate: %d (MB/s)\n", vcpu.ID, vcpu.DirtyRate)
	}
	return nil
}

// infoDirtyLimit takes any failure for a limit that is not there: QEMU's query has no other.
func (c *call) infoDirtyLimit() error {
	limits, err := c.commands().QueryVCPUDirtyLimit(c.ctx)
	if err != nil || len(limits) == 0 {
		c.out.print("Dirty page limit not enabled!\n")
		return nil
	}
	for _, l := range limits {
		c.out.printf("vcpu[%d], limit rate %d (MB/s), current rate %d (MB/s)\n", l.CPUIndex, l.LimitRate, l.CurrentRate)
	}
	return nil
}
