import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/** As TopicClient, for many questions by one process: a command is a line, the answer ends with the line "=". */
public class TopicSession {
  static final Map<String, KafkaConsumer<byte[], byte[]>> readers = new HashMap<>();

  public static void main(String[] args) throws Exception {
    var out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] command = line.split(" ");
      switch (command[0]) {
        case "read" -> read(args[0], command[1], out);
        case "write" -> write(args[0], command);
        default -> throw new IllegalArgumentException(command[0]);
      }
      out.println("=");
      out.flush();
    }
  }

  /** read topic: the records since the last time, up to the present end. */
  static void read(String brokers, String topic, PrintStream out) {
    var consumer = readers.computeIfAbsent(topic, name -> reader(brokers, name));
    var ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue()))
      for (var record : consumer.poll(Duration.ofMillis(200))) out.println(line(record));
  }

  static KafkaConsumer<byte[], byte[]> reader(String brokers, String topic) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed"));
    var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  /** write topic key value */
  static void write(String brokers, String[] command) throws Exception {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", brokers));
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(command[1], bytes(command[2]), bytes(command[3]))).get();
    }
  }

  static String line(ConsumerRecord<byte[], byte[]> record) {
    StringJoiner headers = new StringJoiner(";");
    for (var header : record.headers()) headers.add(header.key() + "=" + text(header.value()));
    return record.partition() + " " + record.offset() + " " + text(record.key()) + " " + text(record.value()) + " " + headers;
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : "b" + Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text.substring(1));
  }
}
