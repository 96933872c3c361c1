import { Module, type DynamicModule } from '@nestjs/common';
import { BatchController } from './batch.controller.js';
import { ReadModel } from './read-model.js';

@Module({})
export class AppModule {
  static with(readModel: ReadModel): DynamicModule {
    return {
      module: AppModule,
      controllers: [BatchController],
      providers: [{ provide: ReadModel, useValue: readModel }],
    };
  }
}
