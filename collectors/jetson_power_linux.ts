import { findRails } from "./jetson_rails_linux.ts";
import { SensorCollector } from "./sensor_collector.ts";

/**
 * The power of each rail of an NVIDIA Jetson, measured by INA3221 and INA238 on its I2C bus: by NVIDIA's driver (L4T 32 and
 * before) or the kernel's (since L4T 34). Needs no root.
 */
export class JetsonPowerCollector extends SensorCollector {
  constructor() {
    super({
      name: "jetson_power",
      metrics: ["power_watts"],
      sources: [
        "/sys/bus/i2c/drivers/ina3221x: in_power*_input",
        "/sys/bus/i2c/drivers/ina3221: in*_input, curr*_input",
        "/sys/bus/i2c/drivers/ina238: power1_input",
      ],
      find: findRails,
      none: "Cannot find the power sensors of a Jetson: no ina3221 in /sys/bus/i2c",
      remedy: "Only Jetson boards have them",
    });
  }
}
