import { Module, type DynamicModule } from '@nestjs/common';
import { ForceSyncController, forceSyncOptions, type ForceSyncOptions } from './force-sync.controller.js';
import { MonitorController } from './monitor.controller.js';
import { MonitorService } from './monitor.service.js';

@Module({})
export class AppModule {
  static with(monitor: MonitorService, forceSync: ForceSyncOptions): DynamicModule {
    return {
      module: AppModule,
      controllers: [MonitorController, ForceSyncController],
      providers: [
        { provide: MonitorService, useValue: monitor },
        { provide: forceSyncOptions, useValue: forceSync },
      ],
    };
  }
}
