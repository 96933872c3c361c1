import java.util.Map;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

public class JavaClient {
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "produce" -> produce(args[1], args[2], args[3], Integer.parseInt(args[4]));
      case "abort" -> abort(args[1], args[2], Integer.parseInt(args[3]));
      case "evict" -> evict(args[1], args[2]);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Prints "key partition offset" of each record. */
  static void produce(String brokers, String topic, String codec, int count) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", brokers, "compression.type", codec, "linger.ms", "50");
    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < count; i++) sent.add(producer.send(record(topic, codec, i)));
      for (int i = 0; i < count; i++) {
        RecordMetadata at = sent.get(i).get();
        System.out.println(codec + "-" + i + " " + at.partition() + " " + at.offset());
      }
    }
  }

  /** A transaction that is given up, then one record that counts. */
  static void abort(String brokers, String topic, int count) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", brokers, "transactional.id", topic);
    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (int i = 0; i < count; i++) producer.send(record(topic, "aborted", i));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(record(topic, "committed", 0));
      producer.commitTransaction();
    }
  }

  /** Every member of every group whose id begins so. */
  static void evict(String brokers, String prefix) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      int groups = 0;
      for (var group : admin.listGroups().all().get()) {
        if (!group.groupId().startsWith(prefix)) continue;
        admin.removeMembersFromConsumerGroup(group.groupId(), new RemoveMembersFromConsumerGroupOptions()).all().get();
        groups++;
      }
      System.out.println("removed " + groups);
    }
  }

  static ProducerRecord<String, String> record(String topic, String codec, int i) {
    var record = new ProducerRecord<>(topic, codec + "-" + i, codec + " value " + i + " " + "x".repeat(200));
    record.headers().add("n", String.valueOf(i).getBytes());
    return record;
  }
}
